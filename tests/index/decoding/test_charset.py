"""Texts in the encodings that files of their languages come in."""

from __future__ import annotations

import io

import pytest

from index.decoding.charset import decode, text_lines

TEXTS = {
    "pl": "Premier powiedział w piątek, że rząd nie zgodzi się na podwyżki cen energii. Według ministerstwa finansów koszty wzrosły o dwadzieścia procent w ciągu ostatniego roku. Mieszkańcy Łodzi wyszli na ulice, żeby zaprotestować przeciwko zamknięciu szpitala.",
    "cs": "Předseda vlády v pátek řekl, že kabinet nebude souhlasit se zvýšením cen energie. Podle ministerstva financí náklady vzrostly o dvacet procent. Opozice žádá okamžité vysvětlení a odbory ohlásily stávku na příští pondělí. Obyvatelé Brna vyšli do ulic.",
    "hu": "A miniszterelnök pénteken azt mondta, hogy a kormány nem egyezik bele az energiaárak emelésébe. A pénzügyminisztérium szerint a költségek húsz százalékkal nőttek az elmúlt évben. Az ellenzék azonnali magyarázatot követel, a szakszervezetek pedig sztrájkot hirdettek hétfőre.",
    "hr": "Premijer je u petak rekao da vlada neće pristati na povećanje cijena energije. Prema ministarstvu financija troškovi su porasli za dvadeset posto. Oporba traži hitno objašnjenje, a sindikati su najavili štrajk sljedeći ponedjeljak.",
    "de": "Der Ministerpräsident sagte am Freitag, daß die Regierung höheren Preisen nicht zustimmen werde. „Das wäre für viele Bürger zu teuer“, erklärte er in München.",
    "fr": "Le premier ministre a déclaré vendredi que le gouvernement n’accepterait pas la hausse des prix de l’énergie. « C’est trop élevé », a-t-il ajouté à Orléans.",
    "es": "El presidente señaló el viernes que el Gobierno no aceptará la subida de los precios de la energía. ¿Qué dirá la oposición? «No está claro», añadió.",
    "pt": "O primeiro-ministro disse na sexta-feira que o governo não aceitará o aumento dos preços. A oposição exige explicações imediatas.",
    "it": "Il presidente ha detto venerdì che il governo non accetterà l’aumento dei prezzi. «È troppo caro», ha aggiunto, perché la città è già in difficoltà.",
    "sv": "Statsministern sade på fredagen att regeringen inte kommer att gå med på höjda elpriser. Det är för dyrt för många hushåll, ansåg han.",
    "da": "Statsministeren sagde fredag, at regeringen ikke går med til højere elpriser. Det er for dyrt for mange på Østerbro, mente hun.",
    "is": "Forsætisráðherra sagði á föstudag að ríkisstjórnin myndi ekki samþykkja hærra orkuverð. Það er of dýrt fyrir þjóðina.",
    "tr": "Başbakan cuma günü hükümetin enerji fiyatlarındaki artışı kabul etmeyeceğini söyledi. Muhalefet açıklama istiyor, sendikalar İstanbul'da grev ilan etti.",
    "lv": "Premjerministrs piektdien paziņoja, ka valdība nepiekritīs enerģijas cenu kāpumam. Opozīcija pieprasa tūlītēju skaidrojumu, bet arodbiedrības izsludināja streiku.",
    "lt": "Ministras pirmininkas penktadienį pareiškė, kad vyriausybė nesutiks didinti energijos kainų. Opozicija reikalauja skubių paaiškinimų, o profesinės sąjungos paskelbė streiką.",
    "et": "Peaminister ütles reedel, et valitsus ei nõustu energiahindade tõusuga. Opositsioon nõuab kohest selgitust, ametiühingud kuulutasid välja streigi.",
    "ro": "Premierul a spus vineri că guvernul nu va accepta creşterea preţurilor la energie. Opoziţia cere explicaţii imediate, iar sindicatele au anunţat o grevă.",
    "ru": "Премьер-министр заявил в пятницу, что правительство не согласится на повышение цен на энергию. Оппозиция требует немедленных объяснений.",
    "el": "Ο πρωθυπουργός δήλωσε την Παρασκευή ότι η κυβέρνηση δεν θα δεχτεί την αύξηση των τιμών. Η αντιπολίτευση ζητά άμεσες εξηγήσεις.",
    "en": "The minister said on Friday that “talks” with Ankara would go on – despite the attack near the café on the border. It’s the naïve view, Mr Müller said.",
    "ja": "市長は月曜日に新しい橋を開通させた。費用は四億クローネだった。工事は三年かかり、住民は長い間待っていた。",
    "zh": "市長星期一為新橋揭幕。造價四億克朗。工程花了三年時間，居民等了很久。",
    "ko": "시장은 월요일에 새 다리를 개통했다. 비용은 4억 크로네였다. 공사는 3년이 걸렸다.",
}


@pytest.mark.parametrize(
    ("language", "encodings"),
    [
        ("pl", "cp1250 iso8859-2"),
        ("cs", "cp1250 iso8859-2"),
        ("hu", "cp1250 iso8859-2"),
        ("hr", "cp1250 iso8859-2"),
        ("de", "cp1252 mac_roman"),
        ("fr", "cp1252 mac_roman"),
        ("es", "cp1252 mac_roman"),
        ("pt", "cp1252 mac_roman"),
        ("it", "cp1252"),
        ("sv", "cp1252 mac_roman"),
        ("da", "cp1252 mac_roman"),
        ("is", "cp1252"),
        ("tr", "cp1254"),
        ("lv", "cp1257"),
        ("lt", "cp1257"),
        ("et", "cp1257"),
        ("ro", "cp1250 iso8859-2"),
        ("ru", "cp1251 koi8-r iso8859-5 cp866"),
        ("el", "cp1253"),
        ("en", "cp1252 mac_roman"),
        ("ja", "shift_jis euc_jp"),
        ("zh", "big5"),
        ("ko", "euc_kr"),
    ],
)
def test_the_encoding_is_reported_from_the_text(language: str, encodings: str) -> None:
    for encoding in encodings.split():
        assert decode(TEXTS[language].encode(encoding)) == TEXTS[language], encoding


@pytest.mark.parametrize(
    "text",
    [
        "It’s complicated.",
        "You wouldn’t have read this far if you weren’t curious.",
        "On average it is 83.0 °F (28.3 °C) in July.",
        "“Hold on” – she said… and left.",
        "Nobody spoke for 2½ hours.",
        "C’est trop élevé », a-t-il ajouté à Orléans.",
    ],
)
def test_marks_in_a_short_western_text(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_a_table_in_utf_16_without_a_mark_is_read_by_line() -> None:
    lines = ["title,text\n", "Łódź,Nobody was hurt.\n", "Zürich,The bridge is open.\n"]
    file = io.BufferedReader(io.BytesIO("".join(lines).encode("utf-16-le")))
    assert list(text_lines(file, 1000)) == lines
