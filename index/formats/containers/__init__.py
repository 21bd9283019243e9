"""Files that hold files or articles: mailboxes, archives, exports of programs; read in the sandbox."""
