/* Makes the Nth file operation of a process fail, or its last. Loaded with LD_PRELOAD, so that it stands below
 * everything that touches files: Python, SQLite and FAISS. Only paths below one folder count, and nothing does until
 * `faults_arm` is called, in the fork that is to suffer.
 *
 * A fault is an error (errno), a kill before the operation, a torn write (half of it, then a kill), or a power cut: what
 * was written to a file since its last fsync is taken back, all of it or page by page at random, then a kill. Names
 * (create, rename, remove) count as durable at once, which is the order that hurts most.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* The order is known to harness.py. */
enum class { OPEN, CREATE, READ, WRITE, SYNC, RESIZE, RENAME, REMOVE, FOLDER, MAP, CLASSES };
enum kind { COUNT, FAIL, KILL, TORN, POWER };

/* Shared with the process that armed, which reads it when this one is dead. */
struct told {
    int64_t counts[CLASSES];
    int64_t class_hit;
    int64_t hits;
};

static struct {
    char root[PATH_MAX];
    int kind, error, lasting;
    unsigned classes;
    int64_t at, seen;
    uint64_t seed;
    struct told *told;
} plan;

#define FILES 1024
static char ours[FILES];
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* What a power cut takes back: the bytes that stood where something was written since the file's last fsync. */

struct undo {
    int fd;
    dev_t device;
    ino_t inode;
    off_t offset, synced_size;
    size_t wanted, length;
    char *bytes;
    struct undo *before;
};
static struct undo *undone;

static void remember(int fd, off_t offset, size_t wanted) {
    if (plan.kind != POWER) return;
    struct stat status;
    if (fstat(fd, &status) || !S_ISREG(status.st_mode)) return;
    struct undo *entry = calloc(1, sizeof *entry), *known = undone;
    while (known && (known->inode != status.st_ino || known->device != status.st_dev)) known = known->before;
    entry->device = status.st_dev;
    entry->inode = status.st_ino;
    /* Never closed: closing any descriptor of a file drops the process's locks on it. */
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    REAL(open);
    entry->fd = known ? known->fd : real(path, O_RDWR | O_CLOEXEC);
    entry->synced_size = known ? known->synced_size : status.st_size;
    entry->offset = offset;
    entry->wanted = wanted;
    entry->bytes = malloc(wanted ? wanted : 1);
    static ssize_t (*get)(int, void *, size_t, off_t);
    if (!get) get = dlsym(RTLD_NEXT, "pread");
    ssize_t got = get(entry->fd, entry->bytes, wanted, offset);
    entry->length = got > 0 ? got : 0;
    entry->before = undone;
    undone = entry;
}

static void synced(int fd) {
    struct stat status;
    if (plan.kind != POWER || fstat(fd, &status)) return;
    for (struct undo **link = &undone; *link;) {
        struct undo *entry = *link;
        if (entry->inode == status.st_ino && entry->device == status.st_dev) {
            *link = entry->before;
            free(entry->bytes);
            free(entry);
        } else {
            link = &entry->before;
        }
    }
}

static int lost(ino_t inode, off_t page) {
    uint64_t mixed = (plan.seed + inode * 0x9E3779B97F4A7C15u) ^ ((uint64_t)page * 0xBF58476D1CE4E5B9u);
    mixed = (mixed ^ (mixed >> 31)) * 0x94D049BB133111EBu;
    return (mixed >> 40) & 1;
}

static void cut_power(void) {
    static ssize_t (*put)(int, const void *, size_t, off_t);
    if (!put) put = dlsym(RTLD_NEXT, "pwrite");
    static int (*resize)(int, off_t);
    if (!resize) resize = dlsym(RTLD_NEXT, "ftruncate");
    int everything = plan.seed & 1;
    for (struct undo *entry = undone; entry; entry = entry->before) {
        if (everything) {
            put(entry->fd, entry->bytes, entry->length, entry->offset);
            resize(entry->fd, entry->synced_size);
            continue;
        }
        for (size_t done = 0; done < entry->wanted;) {
            off_t place = entry->offset + done, page = place / 4096;
            size_t part = (page + 1) * 4096 - place;
            if (part > entry->wanted - done) part = entry->wanted - done;
            if (lost(entry->inode, page)) {
                char bytes[4096] = {0};
                if (done < entry->length)
                    memcpy(bytes, entry->bytes + done, part < entry->length - done ? part : entry->length - done);
                put(entry->fd, bytes, part, place);
            }
            done += part;
        }
    }
}

static void die(void) {
    kill(getpid(), SIGKILL);
    pause();
}

/* 1 where the operation is to fail, with errno set; `torn` where half of a write is to be done before `die`. */
static int strike(enum class class, int *torn) {
    if (!plan.told) return 0;
    pthread_mutex_lock(&guard);
    plan.told->counts[class]++;
    int hit = 0;
    if (plan.classes >> class & 1) {
        plan.seen++;
        hit = plan.kind != COUNT && (plan.seen == plan.at || (plan.lasting && plan.seen > plan.at));
    }
    if (hit) {
        if (!plan.told->hits++) plan.told->class_hit = class;
        if (plan.kind == TORN && torn) *torn = 1;
        else if (plan.kind != FAIL) {
            if (plan.kind == POWER) cut_power();
            die();
        }
    }
    pthread_mutex_unlock(&guard);
    if (hit && plan.kind == FAIL) errno = plan.error;
    return hit && plan.kind == FAIL;
}

static int below(const char *path) { return strncmp(path, plan.root, strlen(plan.root)) == 0; }

static int inside(int folder, const char *path) {
    if (!plan.told || !path) return 0;
    if (*path == '/') return below(path);
    char link[64], where[PATH_MAX];
    if (folder == AT_FDCWD) strcpy(link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, where, sizeof where - 1);
    if (length < 0) return 0;
    where[length] = 0;
    return below(where);
}

static int is_ours(int fd) { return plan.told && fd >= 0 && fd < FILES && ours[fd]; }

static int opened(int fd) {
    if (fd >= 0 && fd < FILES) ours[fd] = 1;
    return fd;
}

static enum class opening(int folder, const char *path, int flags) {
    struct stat status;
    return flags & O_CREAT && fstatat(folder, path, &status, 0) ? CREATE : OPEN;
}

static void emptied(int folder, const char *path, int flags) {
    if (plan.kind != POWER || !(flags & O_TRUNC)) return;
    REAL(openat);
    int fd = real(folder, path, O_RDWR | O_CLOEXEC);
    struct stat status;
    if (fd >= 0 && !fstat(fd, &status)) remember(fd, 0, status.st_size);
}

void faults_arm(const char *root, int kind, int error, unsigned classes, long at, int lasting, unsigned long seed,
                struct told *told) {
    strncpy(plan.root, root, sizeof plan.root - 1);
    plan.kind = kind;
    plan.error = error;
    plan.classes = classes;
    plan.at = at;
    plan.lasting = lasting;
    plan.seed = seed;
    plan.told = told;
}

/* What stands in for the C library's functions. */

#define OPEN_LIKE(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = va_arg(rest, mode_t); \
        va_end(rest); \
        if (!inside(AT_FDCWD, path)) return real(path, flags, mode); \
        if (strike(opening(AT_FDCWD, path, flags), NULL)) return -1; \
        emptied(AT_FDCWD, path, flags); \
        return opened(real(path, flags, mode)); \
    }
OPEN_LIKE(open)
OPEN_LIKE(open64)

#define OPENAT_LIKE(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(name); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = va_arg(rest, mode_t); \
        va_end(rest); \
        if (!inside(folder, path)) return real(folder, path, flags, mode); \
        if (strike(opening(folder, path, flags), NULL)) return -1; \
        emptied(folder, path, flags); \
        return opened(real(folder, path, flags, mode)); \
    }
OPENAT_LIKE(openat)
OPENAT_LIKE(openat64)

int close(int fd) {
    REAL(close);
    if (fd >= 0 && fd < FILES) ours[fd] = 0;
    return real(fd);
}

ssize_t read(int fd, void *bytes, size_t count) {
    REAL(read);
    return is_ours(fd) && strike(READ, NULL) ? -1 : real(fd, bytes, count);
}

#define PREAD_LIKE(name) \
    ssize_t name(int fd, void *bytes, size_t count, off_t offset) { \
        REAL(name); \
        return is_ours(fd) && strike(READ, NULL) ? -1 : real(fd, bytes, count, offset); \
    }
PREAD_LIKE(pread)
PREAD_LIKE(pread64)

ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(write);
    if (!is_ours(fd)) return real(fd, bytes, count);
    int torn = 0;
    if (strike(WRITE, &torn)) return -1;
    int flags = fcntl(fd, F_GETFL);
    remember(fd, flags & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR), count);
    if (torn) {
        real(fd, bytes, count / 2);
        die();
    }
    return real(fd, bytes, count);
}

#define PWRITE_LIKE(name) \
    ssize_t name(int fd, const void *bytes, size_t count, off_t offset) { \
        REAL(name); \
        if (!is_ours(fd)) return real(fd, bytes, count, offset); \
        int torn = 0; \
        if (strike(WRITE, &torn)) return -1; \
        remember(fd, offset, count); \
        if (torn) { \
            real(fd, bytes, count / 2, offset); \
            die(); \
        } \
        return real(fd, bytes, count, offset); \
    }
PWRITE_LIKE(pwrite)
PWRITE_LIKE(pwrite64)

#define SYNC_LIKE(name) \
    int name(int fd) { \
        REAL(name); \
        if (!is_ours(fd)) return real(fd); \
        if (strike(SYNC, NULL)) return -1; \
        synced(fd); \
        return 0; /* nobody really cuts the power, and it takes most of the time */ \
    }
SYNC_LIKE(fsync)
SYNC_LIKE(fdatasync)

#define TRUNCATE_LIKE(name) \
    int name(int fd, off_t size) { \
        REAL(name); \
        if (!is_ours(fd)) return real(fd, size); \
        if (strike(RESIZE, NULL)) return -1; \
        struct stat status; \
        if (!fstat(fd, &status)) remember(fd, size, size < status.st_size ? status.st_size - size : 0); \
        return real(fd, size); \
    }
TRUNCATE_LIKE(ftruncate)
TRUNCATE_LIKE(ftruncate64)

#define ALLOCATE_LIKE(name) \
    int name(int fd, off_t offset, off_t length) { \
        REAL(name); \
        return is_ours(fd) && strike(RESIZE, NULL) ? errno : real(fd, offset, length); \
    }
ALLOCATE_LIKE(posix_fallocate)
ALLOCATE_LIKE(posix_fallocate64)

int rename(const char *from, const char *to) {
    REAL(rename);
    return inside(AT_FDCWD, to) && strike(RENAME, NULL) ? -1 : real(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    REAL(renameat);
    return inside(to_folder, to) && strike(RENAME, NULL) ? -1 : real(from_folder, from, to_folder, to);
}

int symlink(const char *to, const char *path) {
    REAL(symlink);
    return inside(AT_FDCWD, path) && strike(CREATE, NULL) ? -1 : real(to, path);
}

int unlink(const char *path) {
    REAL(unlink);
    return inside(AT_FDCWD, path) && strike(REMOVE, NULL) ? -1 : real(path);
}

int unlinkat(int folder, const char *path, int flags) {
    REAL(unlinkat);
    return inside(folder, path) && strike(REMOVE, NULL) ? -1 : real(folder, path, flags);
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    return inside(AT_FDCWD, path) && strike(FOLDER, NULL) ? -1 : real(path, mode);
}

#define MMAP_LIKE(name) \
    void *name(void *at, size_t size, int rights, int flags, int fd, off_t offset) { \
        REAL(name); \
        return is_ours(fd) && strike(MAP, NULL) ? MAP_FAILED : real(at, size, rights, flags, fd, offset); \
    }
MMAP_LIKE(mmap)
MMAP_LIKE(mmap64)

/* The C library's own calls beneath a FILE cannot be seen from here, so a FILE for writing is made of ours. */

static ssize_t cookie_write(void *cookie, const char *bytes, size_t count) {
    ssize_t done = write((int)(intptr_t)cookie, bytes, count);
    return done < 0 ? 0 : done;
}

static int cookie_seek(void *cookie, off64_t *offset, int whence) {
    off_t found = lseek((int)(intptr_t)cookie, *offset, whence);
    if (found < 0) return -1;
    *offset = found;
    return 0;
}

static int cookie_close(void *cookie) { return close((int)(intptr_t)cookie); }

static FILE *written(const char *path, const char *mode) {
    int fd = open(path, O_WRONLY | O_CREAT | (*mode == 'w' ? O_TRUNC : O_APPEND), 0666);
    if (fd < 0) return NULL;
    cookie_io_functions_t functions = {NULL, cookie_write, cookie_seek, cookie_close};
    return fopencookie((void *)(intptr_t)fd, mode, functions);
}

#define FOPEN_LIKE(name) \
    FILE *name(const char *path, const char *mode) { \
        REAL(name); \
        if (!inside(AT_FDCWD, path)) return real(path, mode); \
        if (*mode != 'r') return written(path, mode); \
        if (strike(OPEN, NULL)) return NULL; \
        FILE *file = real(path, mode); \
        if (file) opened(fileno(file)); \
        return file; \
    }
FOPEN_LIKE(fopen)
FOPEN_LIKE(fopen64)

size_t fread(void *bytes, size_t size, size_t count, FILE *file) {
    REAL(fread);
    return is_ours(fileno(file)) && strike(READ, NULL) ? 0 : real(bytes, size, count, file);
}

int fclose(FILE *file) {
    REAL(fclose);
    int fd = fileno(file);
    if (fd >= 0 && fd < FILES) ours[fd] = 0;
    return real(file);
}
