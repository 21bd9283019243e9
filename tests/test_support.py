"""A sentence passes only if the clipping says it: what is swapped, dropped, added or empty must not."""

from __future__ import annotations

from pathlib import Path

import pytest

import index
from index.reading import find_files, read_file
from index.sentences import paragraph_spans, sentence_spans
from rag.support import check_phrase, check_support

SHOOTING = "In February, 33 Turkish soldiers were killed in an air strike near Idlib, the governor said."
BRIBES = "The minister denied on Monday that he had taken bribes from the builders."
TOLL = "12 people died and 40 houses burned in Hollin."


@pytest.mark.parametrize(
    ("sentence", "clipping"),
    [
        (SHOOTING, SHOOTING),
        ("33 Turkish soldiers were killed near Idlib.", SHOOTING),
        ("Thirty-three Turkish soldiers were killed in an air strike.", SHOOTING),
        ("33 Turkish soldiers were killed in Feb.", "33 Turkish soldiers were killed in February."),
        ("The minister denied that he had taken bribes.", BRIBES),
        ("12 people died in Hollin.", TOLL),
        ("40 houses burned.", TOLL),
        ("1,200 people fled.", "1200 people fled."),
        ("One hundred and five people fled.", "105 people fled."),
        ("3 million people fled.", "3,000,000 people fled."),
        ("U.S. troops left.", "US troops left."),
        ("It did not open in 2019.", "It did not open in 2019."),
        ("A man shoots.", "The man shot."),
    ],
)
def test_a_part_of_the_clipping_is_supported(sentence: str, clipping: str) -> None:
    verdict = check_support(sentence, clipping)
    assert (verdict.supported, verdict.score, verdict.reason) == (True, 1.0, "")


@pytest.mark.parametrize(
    ("sentence", "clipping"),
    [
        pytest.param("34 Turkish soldiers were killed near Idlib.", SHOOTING, id="another number"),
        pytest.param("33 million Turkish soldiers were killed near Idlib.", SHOOTING, id="a scale added"),
        pytest.param("Five people drowned.", "One hundred and five people drowned.", id="part of a number"),
        pytest.param("It cost 5 billion crowns.", "It cost 5 million crowns.", id="another scale"),
        pytest.param("The vote was 3,5 percent.", "The vote was 3,7 percent.", id="another decimal"),
        pytest.param("33 Russian soldiers were killed near Idlib.", SHOOTING, id="another people"),
        pytest.param("33 Turkish soldiers were killed near Aleppo.", SHOOTING, id="another place"),
        pytest.param("US troops left.", "Turkish troops left.", id="another country"),
        pytest.param("Jon Berg won the race.", "Marit Berg won the race.", id="another first name"),
        pytest.param("In March, 33 Turkish soldiers were killed.", SHOOTING, id="another month"),
        pytest.param("It opened on 3 May 2021.", "It opened on 4 May 2021.", id="another day"),
        pytest.param("It opened on 1.5.2019.", "It opened on 1.5.2020.", id="another year"),
        pytest.param("Prices rose.", "Prices fell.", id="another verb"),
        pytest.param("The minister had taken bribes from the builders.", BRIBES, id="denied dropped"),
        pytest.param("Police beat him.", "Police allegedly beat him.", id="allegedly dropped"),
        pytest.param("The company closed the mine.", "The company may close the mine.", id="may dropped"),
        pytest.param("The bridge will open in 2025.", "The bridge will not open in 2025.", id="not dropped"),
        pytest.param("The bridge opened.", "The bridge hasn’t opened.", id="n’t dropped"),
        pytest.param("The court rejected the appeal.", "The court did not reject the appeal.", id="not rejected"),
        pytest.param("12 people have not died in Hollin.", TOLL, id="not added"),
        pytest.param("Nobody died in Hollin.", TOLL, id="nobody added"),
        pytest.param("The minister allegedly took bribes.", "The minister took bribes.", id="allegedly added"),
        pytest.param("12 houses burned in Hollin.", TOLL, id="number of something else"),
        pytest.param("40 people died.", TOLL, id="number of something else, the other way"),
        pytest.param("The dog bit the man.", "The man bit the dog.", id="roles swapped"),
        pytest.param("Berg beat Aldi.", "Aldi beat Berg.", id="names swapped"),
        pytest.param("12 people died in Hollin on a stormy dark night.", TOLL, id="details added"),
        pytest.param("", TOLL, id="nothing said"),
        pytest.param("It was so.", TOLL, id="no word of meaning"),
        pytest.param("12 people died.", "", id="empty clipping"),
        pytest.param("", "", id="both empty"),
    ],
)
def test_what_the_clipping_does_not_say_is_not_supported(sentence: str, clipping: str) -> None:
    verdict = check_support(sentence, clipping)
    assert not verdict.supported
    assert verdict.reason


# The same in other forms, and parts of a clipping: each of these was rejected by an earlier version, or easily could be.
@pytest.mark.parametrize(
    ("sentence", "clipping"),
    [
        ("The bridge opened on 27 February 2020.", "The bridge opened on Feb. 27, 2020."),
        ("The bridge opened on 2020-02-27.", "The bridge opened on 27 February 2020, a Thursday."),
        ("The bridge opened on 27 February.", "The bridge opened on February 27, 2020."),
        ("The bridge opened on February 27th.", "The bridge opened on 27 Feb."),
        ("The bridge opened in 2020.", "The bridge opened on February 27, 2020."),
        ("The bridge opened in February 2020.", "On Feb. 27, 2020, the bridge opened."),
        ("It cost 1,500,000 crowns.", "It cost 1.5 million crowns."),
        ("It cost 1.5 million crowns.", "It cost 1,500,000 crowns."),
        ("Prices rose 12 percent.", "Prices rose 12% last year."),
        ("Prices rose 12 per cent last year.", "Prices rose 12 percent last year."),
        ("Aldi was beaten by Berg.", "Berg beat Aldi in the final."),
        ("Berg beat Aldi.", "Aldi was beaten by Berg in the final."),
        ("Lund opened the museum in 1971.", "The museum was opened by Lund in 1971."),
        ("Berg won the cup.", "Berg, who beat Aldi, won the cup."),
        ("According to Berg, the mine is empty.", "Berg said that the mine is empty."),
        ("The mine is empty, Berg said.", "Berg said that the mine is empty."),
        ("Berg said the mine is empty.", "The mine is empty, Berg said."),
        ("Berg says the mine is empty.", "Berg said that the mine is empty."),
        ("Berg denied that he took money.", "Berg denied on Monday that he took money from the builders."),
        ("Russia denied the attack.", "Russia has denied the attack."),
        ("The minister didn't resign.", "The minister did not resign."),
        ("The minister never resigned.", "The minister never resigned, he said."),
        ("The United States left the pact.", "The US left the pact in May."),
        ("Tesla's family moved to Gospic.", "Tesla's family moved to Gospić in 1862."),
        (
            "33 Turkish soldiers were killed in an air strike near Idlib in February.",
            "In February, 33 Turkish soldiers were killed in an air strike near Idlib, the governor said.",
        ),
        (
            "The governor said 33 Turkish soldiers were killed.",
            "In February, 33 Turkish soldiers were killed in an air strike near Idlib, the governor said.",
        ),
        (
            "33 Turkish soldiers were killed, the governor said.",
            "In February, 33 Turkish soldiers were killed in an air strike near Idlib, the governor said.",
        ),
        ("An air strike killed 33 Turkish soldiers.", "33 Turkish soldiers were killed by an air strike."),
        ("In Hollin, 40 houses burned.", "12 people died and 40 houses burned in Hollin."),
        ("The mayor of Hollin resigned on Monday.", "On Monday, the mayor of Hollin resigned."),
        ("Hollin's mayor resigned.", "On Monday, Hollin's mayor resigned."),
        ("At least 33 people died.", "At least thirty-three people died in the flood."),
        ("The flood killed 33 people.", "The flood in the Arle valley killed 33 people and cut off two villages."),
        ("The flood cut off two villages.", "The flood in the Arle valley killed 33 people and cut off two villages."),
        ("Twenty soldiers were wounded.", "12 soldiers were killed and 20 soldiers were wounded."),
        ("The company, based in Oslo, closed the mine.", "The company, based in Oslo, closed the mine in 2019."),
        ("The company is based in Oslo.", "The company, which is based in Oslo, closed the mine in 2019."),
        ("Half of the houses burned.", "Half of the houses burned down."),
        ("Anna Berg resigned on Monday.", "The mayor, Anna Berg, resigned on Monday."),
        ("The mine is 3 km long.", "The mine (one of several) is 3 km (2 miles) long."),
    ],
)
def test_another_form_or_a_part_of_the_clipping_is_supported(sentence: str, clipping: str) -> None:
    verdict = check_support(sentence, clipping)
    assert (verdict.supported, verdict.score, verdict.reason) == (True, 1.0, "")


# Nearly all of the words are the clipping's, and what they say is not.
@pytest.mark.parametrize(
    ("sentence", "clipping"),
    [
        ("Aldi beat Berg.", "Aldi was beaten by Berg."),
        ("Aldi beat Berg.", "Berg beat Aldi."),
        ("Berg was beaten by Aldi.", "Berg beat Aldi."),
        ("Aldi won the cup.", "Berg, who beat Aldi, won the cup."),
        ("The army was attacked in 1941.", "The army attacked in 1941."),
        ("The army attacked in 1941.", "The army was attacked in 1941."),
        ("Berg beat Ekk.", "Berg beat Aldi and Lund beat Ekk."),
        ("The mine opened in 1950.", "The mine opened in 1920 and closed in 1950."),
        ("The mine closed in 1920.", "The mine opened in 1920 and closed in 1950."),
        ("In 1950, the mine opened.", "The mine opened in 1920 and closed in 1950."),
        ("1942 ships sank near Hollin.", "In 1942 several ships sank near Hollin."),
        ("1942 ships were lost.", "Many ships were lost in 1942."),
        ("There were 2019 fires.", "There were many fires in 2019."),
        ("Berg flew to Rome.", "Berg flew from Rome to Oslo."),
        ("Berg flew from Oslo to Rome.", "Berg flew from Rome to Oslo."),
        ("The bank collapsed.", "The head of the bank collapsed."),
        ("Berg resigned.", "Berg's lawyer resigned."),
        ("Aldi said that the mine is empty.", "Berg said that the mine is empty, and Aldi agreed."),
        ("Aldi, the owner, said the mine is empty.", "Berg said the mine that Aldi owns is empty."),
        ("Russia was behind the attack.", "Russia denied that it was behind the attack."),
        ("Russia attacked the port.", "Russia denied having attacked the port."),
        ("Berg took money.", "Police alleged that Berg took money."),
        ("Berg took money.", "Berg was accused of taking money."),
        ("All houses burned.", "Some houses burned."),
        ("Houses always burn.", "Houses often burn."),
        ("Fewer than 12 people died.", "More than 12 people died."),
        ("The mine closed before the strike.", "The mine closed after the strike."),
        ("Taxes are higher in Oslo.", "Taxes are lower in Oslo."),
        ("The bridge will open in May.", "The bridge will open in May if funds are found."),
        ("The bridge opened on 27 February 2021.", "The bridge opened on Feb. 27, 2020."),
        ("The bridge opened on 28 February.", "The bridge opened on Feb. 27, 2020."),
        ("The bridge opened on 2020-03-27.", "The bridge opened on Feb. 27, 2020."),
        ("It cost 1,500 crowns.", "It cost 1.5 million crowns."),
        ("It cost 15 million crowns.", "It cost 1.5 million crowns."),
        ("Theresa Berg won.", "Theresa Lund won against Anna Berg."),
        ("Anna Lund won.", "Theresa Lund won against Anna Berg."),
        ("The minister resigned.", "The minister said he had no reason to have resigned."),
        ("The minister may resign.", "The minister resigned."),
        ("He resigned.", "He did not resign."),
        ("The police shot Berg.", "Berg shot at the police."),
        (
            "Berg sued the company over a crash in the mountains.",
            "The company sued Berg over a crash in the mountains.",
        ),
        ("Norway lent Sweden 12 ships.", "Sweden lent Norway 12 ships."),
        ("Anna is taller than Berg.", "Berg is taller than Anna."),
        ("Berg and Aldi lost to Lund.", "Berg and Lund lost to Aldi."),
        ("The court of Oslo freed Berg.", "The court freed Berg of Oslo."),
        ("12 people were hurt.", "12 people were killed and 20 were hurt."),
        ("Prices rose in Rome.", "Prices rose in Oslo and fell in Rome."),
        ("Lund, not Berg, won.", "Berg, not Lund, won."),
        ("Berg won.", "Lund, not Berg, won."),
        ("Berg won the race.", "Berg nearly won the race."),
        ("Berg won the race.", "Berg hoped to have won the race."),
        ("Nobody but Berg left.", "Berg left."),
        ("Berg died in Oslo in 1950.", "Berg was born in Oslo in 1900 and died in Rome in 1950."),
        ("The film was directed by Lund.", "The film was directed by Berg, and Lund starred in it."),
        ("Berg founded the club.", "Berg's father founded the club."),
        ("The club was founded by Berg.", "The club was founded by a friend of Berg."),
        ("Berg claimed that the mine is empty.", "Berg denied that the mine is empty."),
        ("The mine is empty, according to Aldi.", "The mine is empty, according to Berg, a friend of Aldi."),
        ("According to Aldi, Berg took money.", "According to Berg, Aldi took money."),
        ("Aldi accused Berg of fraud.", "Berg accused Aldi of fraud."),
        ("Only Berg survived.", "Berg survived."),
        ("33 percent of the miners left.", "33 of the miners left."),
        ("The fire killed 33.", "33 fought the fire that killed Berg."),
        ("Aldi is the champion.", "Berg, who beat Aldi, is the champion."),
        ("Andros governed Solvane.", "Andros (who governed Hollin) and Berg (who governed Solvane) left."),
    ],
)
def test_the_same_words_saying_something_else_are_not_supported(sentence: str, clipping: str) -> None:
    verdict = check_support(sentence, clipping)
    assert not verdict.supported
    assert verdict.reason


@pytest.mark.parametrize(
    ("sentence", "clipping", "reason"),
    [
        ("Aldi beat Berg in Oslo.", "Berg beat Aldi in Oslo.", "its words are the clipping's, but not what they say together"),
        ("All houses burned.", "All of the boats and some houses burned.", "left out: some"),
        ("The mine is empty.", "It was not clear that the mine is empty.", "left out: not"),
        ("It opened on 3 May 2021.", "It opened on 4 May 2021.", "not in the clipping: 3 May 2021"),
        ("12 houses burned in Hollin.", TOLL, "12 counts something else in the clipping"),
        ("33.", SHOOTING, "says too little to be checked"),
    ],
)  # fmt: skip
def test_the_reason(sentence: str, clipping: str, reason: str) -> None:
    assert check_support(sentence, clipping).reason == reason


def test_every_sentence_of_the_sample_articles_supports_itself() -> None:
    files = find_files([Path(index.__file__).parent / "sample_articles"])
    sentences = [
        article.text[start:end]
        for file in files
        for article in read_file(file).articles
        for paragraph in paragraph_spans(article.text)
        for start, end in sentence_spans(article.text, *paragraph)
    ]
    verdicts = {sentence: check_support(sentence, sentence) for sentence in sentences}
    assert sum(verdict.supported for verdict in verdicts.values()) > 400
    assert {v.reason for v in verdicts.values() if not v.supported} <= {"says too little to be checked"}


def test_score_is_the_share_of_the_words_found() -> None:
    assert check_support("34 soldiers were killed near Idlib.", SHOOTING).score == 4 / 5
    assert check_support("", SHOOTING).score == 0.0
    assert check_support("12 people died.", "").score == 0.0


def test_the_reason_names_what_is_missing() -> None:
    assert "34" in check_support("34 soldiers were killed near Idlib.", SHOOTING).reason
    assert "aleppo" in check_support("33 soldiers were killed near Aleppo.", SHOOTING).reason


KILLED = "Zia-ul-Haq was killed in 1988, but Islamization remains. Some 400 mourners may have walked to the Red Fort."


@pytest.mark.parametrize(
    ("phrase", "question", "supported"),
    [
        ("1988", "When was Zia-ul-Haq killed?", True),
        ("in 1988", "When was Zia-ul-Haq killed?", True),
        ("1989", "When was Zia-ul-Haq killed?", False),
        ("killed 1988", "When was Zia-ul-Haq killed?", False),  # not word for word
        ("the Red Fort", "Where did mourners walk?", False),  # they may have
        ("the Red Fort", "Where may some mourners have walked?", True),
        ("", "Who?", False),
    ],
)
def test_a_few_words_are_supported_where_they_stand_undoubted(phrase: str, question: str, supported: bool) -> None:
    assert check_phrase(phrase, question, KILLED).supported is supported


def test_a_denied_answer_is_none() -> None:
    denied = "The minister denied that Russia had paid the pilots."
    assert check_phrase("Russia", "Who paid the pilots?", denied).reason == "left out: deni"
    assert check_phrase("Russia", "Who, as the minister denied, had paid the pilots?", denied).supported


@pytest.mark.parametrize(
    ("phrase", "clipping"),
    [
        ("1769", "Rates did not rise, although the port had opened in 1769."),
        ("certificates", "It does not confer degrees, but awards certificates."),
        ("77", "The leading receiver was not Olsen, who caught 77 passes."),
        ("Mark Twain", "It may be an accident; he photographed Mark Twain."),
        ("the Sovereign", "He may remove them – the choice is made by the Sovereign."),
    ],
)
def test_a_denial_in_another_clause_does_not_touch_a_few_words(phrase: str, clipping: str) -> None:
    assert check_phrase(phrase, "What is it?", clipping).supported


@pytest.mark.parametrize(
    ("phrase", "clipping"),
    [
        ("lead", "They found no gold, silver or lead."),
        ("the timid", "Its function is not to press the lazy, inspire the bored, encourage the timid."),
        ("on paper", "It is not known that, in the end, he wrote on paper."),
        ("his will", "No paper was found on which he wrote his will."),
        ("ten games", "Never, in all these years, had they won ten games."),
        ("the mine", "If it rains, the pit is closed and they leave the mine."),
        ("Berg", "The minister denied on Monday, in a letter, that the pilots were paid by Berg."),
        ("their debts", "They did not leave because of their debts."),
    ],
)
def test_a_denial_that_may_reach_a_few_words_counts(phrase: str, clipping: str) -> None:
    assert check_phrase(phrase, "What is it?", clipping).reason.startswith("left out: ")


def test_a_speaker_without_a_word_said_is_not_supported() -> None:
    """Found by scripts/fuzz.py: what is left of the sentence without its speaker is empty."""
    clipping = "The minister said on Friday that talks with Ankara would go on despite the attack on the border."
    assert not check_support("The minister said.", clipping).supported
