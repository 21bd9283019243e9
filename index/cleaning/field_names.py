"""The names that tables, crawlers and programs give to an article's fields, in the languages in which they are common.

Names are compared as `plain_name` makes them. In each field, the likelier name comes first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_PUNCTUATION = re.compile(r"[\W_]+")
# Letters that are not made of a plain one and an accent.
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae"})


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """Returns a name without regard to case, accents, spaces and punctuation: "Date-Publié" is "datepublie"."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    return _PUNCTUATION.sub("", "".join(one for one in letters if unicodedata.category(one) != "Mn"))


def _plain(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain_name(name) for name in names.split()))


_TEXT = """
    text body content articlebody maintext fulltext article story plaintext articletext bodytext bodyplain
    textcontent
    contenttext cleantext cleanedtext rawtext contenthtml bodyhtml postcontent pagecontent articlecontent storytext
    storybody newstext newscontent newsbody selftext fulltextcontent articlehtml texthtml textbody maincontent html
    markdown bodymarkdown paragraphs doctext documenttext transcript message noteplaintext notetext
    bodyvalue highlight quote annotation selection highlightedtext selectedtext
    inhalt artikeltext volltext fliesstext haupttext textkorper markierung
    texte texteintegral contenu corps corpsdutexte
    texto cuerpo contenido textocompleto cuerpodelanoticia conteudo corpo textodanoticia
    testo contenuto testoarticolo tekst inhoud artikel tresc trescartykulu tekstartykulu
    текст содержание содержимое текстстатьи текстновости полныйтекст тело текст_новости зміст повнийтекст
    metin icerik haber habermetni habericerik brodtext innehall artikeltekst brodtekst indhold innhold
    teksti sisalto leipateksti szoveg tartalom telo obsah clanek isi isiberita konten noidung
    κείμενο περιεχόμενο 正文 内容 內容 全文 文章内容 本文 記事 記事本文 내용 본문 نص النص المحتوى محتوى טקסט
    תוכן सामग्री पाठ
"""
_TITLE = """
    title headline heading articletitle webtitle posttitle newstitle storytitle pagetitle mainheadline titleplain
    fulltitle booktitle documenttitle subject
    titel uberschrift schlagzeile betreff titre titulo titular encabezado manchete titolo titolonotizia kop
    titeltekst
    tytul naglowek заголовок название тема назва baslik haberbasligi overskrift rubrik otsikko cim cimsor
    titulek nadpis
    judul tieude titlu naslov τίτλος 标题 標題 题目 タイトル 見出し 題名 제목 عنوان العنوان כותרת शीर्षक
"""
_AUTHOR = """
    author authors byline bylines creator creators writer writers authorname authornames authorslist articleauthor
    postauthor journalist reporter reporters bookauthor columnist by
    autor autorin autoren verfasser redakteur auteur auteurs redacteur autores autora redactor periodista autore
    autori
    firma giornalista schrijver autorzy автор авторы автори журналист yazar muhabir forfattare skribent forfatter
    journalisten kirjoittaja toimittaja szerzo penulis tacgia συγγραφέας 作者 记者 記者 著者 執筆者 저자 기자
    كاتب الكاتب المؤلف
    מחבר लेखक
"""
_SOURCE = """
    source publisher site sitename publication outlet newspaper sourcename medianame mediaoutlet medium media
    publicationname publishername publishertitle publicationtitle newssource newsoutlet website websitename feed
    feedname
    feedtitle feedsource channel channelname blog blogname magazine journal paper origin originname origintitle
    container
    containertitle provider agency subreddit sourcetitle sourcedomain mediaurl domainname domain hostname host
    quelle zeitung herausgeber fonte fuente diario periodico medio veiculo jornal testata giornale quotidiano
    krant bron
    zrodlo gazeta источник издание газета сми источникновости джерело видання kaynak gazete kalla tidning kilde avis
    medie lahde lehti forras zdroj denik sumber nguon πηγή εφημερίδα 来源 來源 媒体 媒體 报纸 出典 新聞 媒体名
    출처 언론사 신문
    مصدر المصدر الصحيفة מקור स्रोत
"""
_DATE = """
    date published publishedat publisheddate publicationdate datepublished pubdate publishdate publishingdate
    datepublish publishedon publicationtime webpublicationdate publishedtime publishtime publishedatutc postdate
    postdategmt dategmt datetimepublished articledate newsdate storydate releasedate issuedate firstpublicationdate
    firstpublished firstpublishedat displaydate issued pubdateiso datepub publishedparsed
    publisheddatetime publicationdatetime postedat postedon dateposted
    datum erscheinungsdatum veroffentlicht veroffentlichtam veroffentlichungsdatum datedepublication datepublication
    publiele datedeparution publie fecha fechapublicacion fechadepublicacion publicado data datapublicacao
    datadepublicacao datapubblicazione datadipubblicazione pubblicato publicatiedatum gepubliceerd datapublikacji
    opublikowano дата датапубликации дата_публикации опубликовано датапублікації tarih yayintarihi haber_tarihi
    publicerad publiceringsdatum publiseret publisert dato utgivelsesdato udgivelsesdato julkaistu pvm paivamaara
    megjelent datumvydani tanggal tanggalterbit ngay ngaydang data_publicarii ημερομηνία 日期 发布时间 發布時間
    发布日期
    发表时间 時間 时间 日付 公開日 掲載日 날짜 게시일 작성일 등록일 تاريخ التاريخ تاريخالنشر תאריך तारीख दिनांक
    datetime timestamp time
"""
# When something was made or noted, which counts if no other day is given.
_DATE_OF_MAKING = """
    created createdat datecreated creationdate createdtime createdutc createddate addedat highlightedat erstellt
    erstelltam creado cree creato utworzono создано timeadded dateadded usercreatedtime
    createdtimestampusec createdtimestamp creationtime saved savedat savedon
"""
_URL = """
    url link permalink canonicalurl sourceurl articleurl weburl requestedurl respondedurl originalurl pageurl
    canonicallink canonical originallink storyurl newsurl posturl fullurl finalurl resolvedurl givenurl externalurl
    alternate href uri address webaddress permalinkurl linkurl mainentityofpage
    adresse webadresse enlace direccion adressedelapage lien indirizzo collegamento endereco ссылка адрес
    адресстраницы
    посилання baglanti adres lank lenke linkki hivatkozas odkaz tautan lienket lienketbaiviet 链接 鏈接 网址 網址
    リンク 링크 주소 رابط الرابط קישור लिंक
"""
_OTHERS = {
    "id": "id articleid docid uid uuid guid",
    "comments": "comments readercomments replies",
    "language": "language lang locale langcode sprache langue idioma lingua język язык dil sprak",
}

LISTED_IN = "listed in"
"""The key under which entries of a feed are given the name of the feed."""

FIELD_NAMES: dict[str, tuple[str, ...]] = {
    "id": _plain(_OTHERS["id"]),
    "title": _plain(_TITLE),
    "text": _plain(_TEXT),
    "author": _plain(_AUTHOR),
    "source": (*_plain(_SOURCE), plain_name(LISTED_IN)),
    "date": _plain(_DATE),
    "url": _plain(_URL),
    "comments": _plain(_OTHERS["comments"]),
    "language": _plain(_OTHERS["language"]),
}
"""The names of each field, as `plain_name` makes them."""

DATES_OF_MAKING = _plain(_DATE_OF_MAKING)
"""The names of days on which something was made or noted, which count if no other day is given."""

HIGHLIGHTS = frozenset(_plain("highlight quote annotation highlightedtext selectedtext markierung"))
"""Names of columns of which each row holds a passage of an article that a reader marked, rather than an article."""

NOTES = ("note", "notes", "comment", "notiz")
"""Names of columns with the reader's own notes beside such passages."""

# What crawlers and databases put before a name: "article_source", "news_headline".
_PREFIX = re.compile(r"(?:article|news|post|story|item|meta|page|doc|record|artikel|noticia|haber|book|og|dc)(?=\w{3})")


_EMPTY: tuple[object, ...] = (None, "", [], {}, "null", "NULL")


def named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a mapping's values by plain name; also by the last part of a path, and without a usual prefix."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(key, str) and value not in _EMPTY:
            found.setdefault(plain_name(_inner(key)), value)
    for key, value in values.items():
        if isinstance(key, str) and value not in _EMPTY:
            for name in other_names(key):
                found.setdefault(name, value)
    return found


def other_names(key: str) -> tuple[str, str]:
    """Returns what a key may also mean: the last part of a path ("dc:title"), and the name behind a usual prefix."""
    return plain_name(re.split(r"[.:/]", key)[-1]), _PREFIX.sub("", plain_name(_inner(key)), count=1)


def _inner(key: str) -> str:
    """Returns a path without the object in which a search engine wraps what it found, or a database a value."""
    return key.removeprefix("_source.").removesuffix(".$date")
