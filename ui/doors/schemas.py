"""Data models of the requests and answers of `/api`; their OpenAPI description is generated from these."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from index import Article, Filters
from index.errors import WrongUse
from rag import Kind, Outcome
from rag.question.question import MAX_QUESTION_CHARACTERS
from rag.question.understanding import HISTORY


def _whole(text: str) -> str:
    """Returns the text. Raises ValueError for a lone surrogate, which JSON can express but UTF-8 cannot encode."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(text[error.start]):04x}"
        raise ValueError(f"character {error.start} is half of one, {half} without the other") from None
    return text


Text = Annotated[str, AfterValidator(_whole)]
"""Text that is valid Unicode."""


class Limits(BaseModel):
    """Which articles are searched. Every limit is optional; an article without a date passes no date limit."""

    model_config = ConfigDict(extra="forbid")

    after: date | None = Field(default=None, description="Published on this day or later.", examples=["2021-03-14"])
    before: date | None = Field(default=None, description="Published on this day or earlier.", examples=["2021-03-14"])
    source: Text | None = Field(
        default=None, description="Part of the source's name, whatever its case.", examples=["Courier"]
    )
    author: Text | None = Field(
        default=None, description="Part of the author's name, whatever its case.", examples=["Oldacre"]
    )

    def filters(self) -> Filters:
        """Returns the limits as `Filters`. Raises WrongUse if `after` is later than `before`."""
        if self.after and self.before and self.after > self.before:
            raise WrongUse(f"“after” ({self.after}) is later than “before” ({self.before}); nothing lies between.")
        return Filters(self.after, self.before, self.source or None, self.author or None)


class Question(Limits):
    """A question, the conversation that it goes on with, and which articles are to be asked."""

    question: Text = Field(max_length=MAX_QUESTION_CHARACTERS, examples=["How many people died in the Arle flood?"])
    history: list[Text] = Field(
        default=[], max_length=100, description=f"Earlier questions, oldest first; the last {HISTORY} are looked at.",
        examples=[["What happened in Hollin?"]],
    )  # fmt: skip
    stream: bool = Field(
        default=False, description="Server-sent events; `Accept: text/event-stream` asks for them, too."
    )


class Search(Limits):
    """A search for passages."""

    question: Text = Field(max_length=MAX_QUESTION_CHARACTERS, examples=["flood toll"])
    top_k: int | None = Field(
        default=None, ge=1, le=100, description="Passages; as many as the settings say without it."
    )


class AlsoIn(BaseModel):
    """Another article that holds the same passage."""

    model_config = ConfigDict(extra="allow")


class Citation(BaseModel):
    """The clipping that proves a sentence; start and end are character offsets into the article's text."""

    marker: int
    article_id: str
    title: str
    uri: str
    published: date | None
    author: str | None
    source: str | None
    url: str | None
    quote: str = Field(examples=["Thirty-one people drowned in Hollin."])
    start: int
    end: int
    support: float = Field(description="How much of the sentence the quote holds, 0 to 1; 1 if it is the quote.")
    answer: tuple[int, int] | None = Field(description="The answer itself within the quote, as the reader sees it.")
    also_in: list[AlsoIn]


class Passage(BaseModel):
    """A passage that was found, with its article's facts and the scores that it was found with."""

    model_config = ConfigDict(extra="allow")

    article_id: str
    uri: str
    title: str
    published: date | None
    author: str | None
    source: str | None
    url: str | None
    text: str
    start: int
    end: int
    score: float
    also_in: list[AlsoIn]


class EvidencePassage(Passage):
    """A passage as evidence: its marker, and the offsets of the sentences that matter."""

    marker: int
    spans: list[tuple[int, int]]


class Sentence(BaseModel):
    """One sentence of an answer, and how far it can be trusted.

    `level` is "quoted" (the clipping's own sentence), "supported" (the model's words, and the verifier is sure that the
    clippings support them) or "in the model's words" (it is not sure; `strange` are the words that have no counterpart
    there).
    """

    text: str
    markers: list[int]
    level: str = Field(examples=["quoted"])
    strange: list[str]
    as_of: date | None = Field(
        description="Day of the report, where reports disagree or one thing followed another; `text` does not say it."
    )
    counted_by: str = Field("", description="Who gave the figure, where sources differ.", examples=["the police"])


class Answer(BaseModel):
    """An answer. With `refused`, `reason` says why, `sentences` are what the articles say instead."""

    model_config = ConfigDict(extra="allow")

    question: str
    standalone: str = Field(description="The question after what it leans on, as typed.")
    text: str = Field(
        description="The whole answer: `lead`, then the sentences with days and markers.",
        examples=["Thirty-one people drowned in Hollin. [1]"],
    )
    sentences: list[Sentence]
    citations: list[Citation]
    kind: Kind = Field(examples=["fact"], description="What the question was taken to ask for.")
    leans_on: list[str] = Field(description="Earlier questions without which it cannot be understood.")
    outcome: Outcome = Field(examples=["answered"])
    lead: str = Field(description="What comes before the sentences and cites nothing; all there is of talk.")
    listed: bool = Field(description="Whether each sentence is a line of its own.")
    refused: bool = Field(description="Whether the outcome is that there is no answer.")
    reason: str = Field(description="Why there is none: the lead of a refusal; empty for an answer.")
    suggestions: list[str] = Field(description="Questions that these articles can answer.")
    passages: list[EvidencePassage]
    timings: dict[str, float | None] = Field(description="Seconds since the question came.")
    model: str | None
    index_version: int
    confidence: float = Field(description="Probability that the best sentence found holds the answer.")
    undated: int = Field(description="Articles that were not searched, since they have no date and days are limited.")


class Found(BaseModel):
    """The passages of a search, best first."""

    hits: list[Passage]
    undated: int = Field(description="Articles that were not searched, since they have no date and days are limited.")


class ArticleFacts(BaseModel):
    """What is known of an article."""

    id: str = Field(examples=["1f3a5b7c9d0e2f4a"])
    uri: str = Field(description="Where it was read: a file, a row of a table (`file#id`), or an address.")
    title: str
    published: date | None
    author: str | None
    source: str | None
    url: str | None
    language: str | None
    characters: int

    @classmethod
    def of(cls, article: Article) -> dict[str, Any]:
        """Returns the facts of an article, ready for JSON."""
        names = ("id", "uri", "title", "published", "author", "source", "url", "language")
        facts = {name: getattr(article, name) for name in names}
        return cls(**facts, characters=len(article.text)).model_dump(mode="json")


class ArticleText(ArticleFacts):
    """A whole article. `comments` are what readers wrote under it; they are never searched or cited."""

    text: str
    comments: list[str]

    @classmethod
    def of(cls, article: Article) -> dict[str, Any]:
        """Returns the article, ready for JSON."""
        return ArticleFacts.of(article) | {"text": article.text, "comments": list(article.comments)}


class ArticlePage(BaseModel):
    """Some of the articles, the latest first, and how many there are in all."""

    total: int
    limit: int
    offset: int
    articles: list[ArticleFacts]


class Address(BaseModel):
    """A page, or an RSS or Atom feed, to read articles from."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(max_length=2_000, examples=["https://example.org/feed.xml"])


class Named(BaseModel):
    """An article by its id and uri."""

    id: str
    uri: str


class Moved(BaseModel):
    """An article whose old file is gone and which was found again in what was sent."""

    old: str
    new: str


class Failure(BaseModel):
    """A file, row or address that could not be read, and why."""

    name: str = Field(examples=["report.pdf"])
    reason: str = Field(examples=["holds no text, only images"])


class Report(BaseModel):
    """What became of what was sent: of each article, and of each file that failed."""

    added: list[Named]
    changed: list[Named]
    unchanged: list[Named]
    removed: list[Named] = Field(description="Rows that a table which was sent again holds no longer.")
    moved: list[Moved]
    failed: list[Failure]
    renamed: list[Moved] = Field(
        description="Files kept under another name, since another article has theirs: the name sent, and the file."
    )
    version: int = Field(description="Version of the index now.")


class Removed(BaseModel):
    """What was taken out."""

    removed: list[Named]
    version: int


class Status(BaseModel):
    """What the index holds, and the model that writes."""

    articles: int
    chunks: int
    first_published: date | None
    last_published: date | None
    undated: int = Field(description="Articles without a date.")
    version: int
    megabytes: float
    embedder: str
    model: str | None = Field(description="The language model; null if clippings are only quoted.")
    clippings: str = Field(description="Version of this program.", examples=["0.1.0"])


class Problem(BaseModel):
    """What happened, and what to do."""

    message: str
    advice: str


class Error(BaseModel):
    """The body of every answer that is an error."""

    error: Problem
