"""What banks call the columns of their files, in the languages of those that write CSV."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from vfs.money import CURRENCIES

ROLES = {
    "date": (
        "posted date|posting date|post date|booking date|date posted|booked|buchungstag|buchungsdatum|buchung"
        "|kirjauspäivä|bokfdag|bokf dag|bokföringsdag|bokföringsdatum|bogført|bogføringsdato"
        "|date de comptabilisation"
        "|fecha contable|data contabile|boekdatum|boekingsdatum|date|datum|fecha|data|päivämäärä|päivä|pvm"
        "|dato|transaction date|transaktionsdatum|date operation|date d'opération|fecha operación"
        "|data operazione|transactiedatum|trans date|trans. date|completed date|data operacji|tarih|date time"
    ),
    "later": (
        "value date|valutadatum|valuta|wertstellung|arvopäivä|date de valeur|date valeur|fecha valor"
        "|data valuta|rentedatum|valør|valutadag|started date|data waluty|interest date"
    ),
    "amount": (
        "amount|betrag|umsatz|montant|importe|importo|bedrag|belopp|beløp|beløb|summa|määrä|kwota|valor|value"
        "|transaction amount|amount transaction currency|net amount|tutar|montante|quantia|betrag eur|net"
    ),
    "debit": (
        "debit|debits|debit amount|withdrawal|withdrawals|paid out|money out|soll|débit|cargo|cargos"
        "|belastung|ausgang|out|payment|spent|uscite|dare|addebiti|lastschrift|debet|ut|ud af konto|withdrawn"
    ),
    "credit": (
        "credit|credits|credit amount|deposit|deposits|paid in|money in|haben|crédit|abono|abonos"
        "|gutschrift|eingang|in|received|entrate|avere|accrediti|kredit|inn|ind på konto|deposited"
    ),
    "payee": (
        "payee|name|merchant|merchant name|beguenstigter/zahlungspflichtiger"
        "|begünstigter/zahlungspflichtiger|auftraggeber/empfänger|empfänger|auftraggeber/begünstigter"
        "|zahlungsempfänger*in|zahlungsempfänger|name zahlungsbeteiligter|gegenpartei|counterparty"
        "|counterparty name|saaja/maksaja|saaja|beneficiary|naam/omschrijving|naam / omschrijving"
        "|naam tegenpartij|tegenpartij|vastapuoli|nimi|mottaker|mottagare|modtager|partner name|payee name"
        "|recipient|to/from|beneficiario|nome|contrepartie|nadawca/odbiorca"
    ),
    "description": (
        "description|memo|details|narrative|verwendungszweck|buchungstext|reference|message|viesti|selitys"
        "|omschrijving|mededelingen|beschreibung|referens|libellé|libelle|concepto|descrizione|text|note|notes|particulars"
        "|transaction description|transaction details|payment reference|beskrivning|beskrivelse|tekst"
        "|descripción|descrição|causale|additional information|remarks|info|tytuł|opis operacji|viite"
    ),
    "category": "category|kategorie|catégorie|categoría|categoria|kategori|kategoria|luokka|categorie",
    "currency": (
        "currency|valuutta|währung|waehrung|devise|moneda|divisa|valuuta|munt|ccy|currency code|waluta|döviz"
        "|amount currency|valutakode|moeda|muntsoort"
    ),
    "account": (
        "account|account number|auftragskonto|konto|kontonummer|tilinumero|tili|rekening|account no"
        "|rekeningnummer|account name|card no.|card number|cuenta|conto|compte|numéro de compte"
        "|iban auftragskonto|own account"
    ),
    "balance": (
        "balance|running balance|running bal.|saldo|solde|kontostand|saldo nach buchung|account balance"
        "|balance after transaction|saldo na mutatie|saldo danach|bakiye|saldo po operacji"
    ),
    "id": (
        "id|transaction id|transaction number|fitid|arkistointitunnus|archive id|unique id|trans id"
        "|transaktions-id|numéro d'opération|transactie-id|referencia única|transfer id"
    ),
    "type": (
        "type|transaction type|dr/cr|cr/dr|debit/credit|credit/debit|soll/haben|s/h|af bij|af/bij|d/c|c/d"
        "|credit debit indicator|credit/debit indicator|indicator|umsatztyp|sens|debit credit"
    ),
    "pending": "pending|status|state|zustand|statut|estado|tila",
    "source": "source",
}

_BRACKETS = re.compile(r"[\(\[]([^\)\]]*)[\)\]]")
_CURRENCY_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR"}
_OUT = frozenset(
    [
        "debit",
        "debits",
        "dr",
        "d",
        "dbit",
        "s",
        "soll",
        "af",
        "out",
        "withdrawal",
        "-",
        "payment",
        "expense",
        "débit",
        "debet",
        "lastschrift",
        "ausgang",
        "sale",
    ]
)
_IN = frozenset(
    [
        "credit",
        "credits",
        "cr",
        "c",
        "crdt",
        "h",
        "haben",
        "bij",
        "in",
        "deposit",
        "+",
        "refund",
        "income",
        "crédit",
        "kredit",
        "gutschrift",
        "eingang",
        "return",
    ]
)
_PENDING = frozenset(
    [
        "true",
        "yes",
        "pending",
        "1",
        "authorised",
        "authorized",
        "processing",
        "vorgemerkt",
        "offen",
        "en attente",
        "pendiente",
        "odottaa",
        "reserved",
    ]
)


@cache
def _words() -> dict[str, str]:
    return {folded(word): role for role, words in ROLES.items() for word in words.split("|")}


def folded(text: str) -> str:
    """A heading as it is looked up: without case, brackets and marks at its ends."""
    bare = _BRACKETS.sub(" ", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(bare.replace("_", " ").split()).strip(" :*.\"'#")


_TAILS = frozenset((*CURRENCIES, "EURO", "EUROA", "EUROS"))


def role_of(heading: str) -> str:
    """What a heading names; "" for none that is known."""
    word = folded(heading)
    found = _words().get(word, "") or _words().get(word.rstrip("0123456789 "), "")
    if not found and word:
        head, _, tail = word.rpartition(" ")
        if head and tail.upper() in _TAILS:
            found = _words().get(head, "")
    return found


def loosely(heading: str) -> str:
    """What a heading names by the words that it begins with, such as `Montant operation en euro`."""
    words = folded(heading).split()
    found = (_words().get(" ".join(words[:count]), "") for count in range(len(words) - 1, 0, -1))
    return next(filter(None, found), "")


def currency_in(heading: str) -> str:
    """The currency that a heading such as `Amount (EUR)` names; "" for none."""
    words = [word for part in _BRACKETS.findall(heading) for word in part.split()]
    words += heading.split()[-1:] if len(heading.split()) > 1 else []
    for word in words:
        if word in _CURRENCY_SIGNS:
            return _CURRENCY_SIGNS[word]
        if word.upper() in ("EURO", "EUROA", "EUROS"):
            return "EUR"
        if word in CURRENCIES:
            return str(word)
    return ""


def direction(text: str) -> int:
    """-1 for a word that means money out, 1 for money in, 0 for neither."""
    word = text.strip().casefold()
    return -1 if word in _OUT else 1 if word in _IN else 0


def directions(words: Iterable[str]) -> Mapping[str, int]:
    """`direction` of each word of a column; beside sales, a payment is that of the card's own bill."""
    found = {word: direction(word) for word in words}
    if any(word.strip().casefold() == "sale" for word in found):
        found |= {word: 1 for word in found if word.strip().casefold() == "payment"}
    return found


def is_pending(text: str) -> bool:
    """Whether a status says that a movement is not posted yet."""
    return text.strip().casefold() in _PENDING
