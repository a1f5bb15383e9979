"""Roles: what a mail folder is for, by its name in one of many languages, where nothing better says it."""

from __future__ import annotations

_NAMES: dict[str, str] = {
    "sent": (
        "sent|sent items|sent mail|sent messages|sent-mail|gesendet|gesendete objekte"
        "|gesendete elemente|envoyés|messages envoyés|éléments envoyés|enviados"
        "|elementos enviados|mensajes enviados|inviata|posta inviata|itens enviados|verzonden"
        "|verzonden items|skickat|skickade|sendt|lähetetyt|wysłane|odeslané|отправленные"
        "|надіслані|已发送|已发送邮件|寄件備份|送信済み|送信済みアイテム|보낸 편지함"
        "|gönderilmiş öğeler"
    ),
    "drafts": (
        "drafts|draft|entwürfe|brouillons|borradores|bozze|rascunhos|concepten|utkast|kladder"
        "|luonnokset|kopie robocze|szkice|koncepty|черновики|чернетки|草稿|草稿箱|下書き"
        "|임시 보관함|taslaklar"
    ),
    "trash": (
        "trash|deleted|deleted items|deleted messages|bin|papierkorb|gelöscht|gelöschte elemente"
        "|gelöschte objekte|corbeille|éléments supprimés|papelera|elementos eliminados|cestino"
        "|posta eliminata|lixeira|itens excluídos|prullenbak|verwijderde items|papperskorgen"
        "|borttaget|papirkurv|slettet|roskakori|kosz|koš|удаленные|корзина|кошик|已删除"
        "|已删除邮件|ゴミ箱|휴지통|çöp kutusu"
    ),
    "junk": (
        "junk|spam|junk e-mail|junk email|junk mail|bulk mail|bulk|spamverdacht"
        "|courrier indésirable|indésirables|pourriel|correo no deseado|posta indesiderata"
        "|lixo eletrônico|lixo eletrónico|ongewenste e-mail|skräppost|uønsket e-post|roskaposti"
        "|wiadomości-śmieci|nevyžádaná pošta|спам|нежелательная почта|垃圾邮件|迷惑メール|스팸"
    ),
    "archive": (
        "archive|archives|all archives|archiv|archivo|archivio|arquivo|archief|arkiv|arkisto"
        "|archiwum|архив|归档|アーカイブ|보관함"
    ),
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split("|")}


def guessed(name: str) -> str:
    """sent, drafts, trash, junk or archive; "" for any other name."""
    return _ROLES.get(name.casefold(), "")
