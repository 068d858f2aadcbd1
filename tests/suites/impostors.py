#!/usr/bin/env python3
"""impostors.py - the four impostors of the seeds in other names, domains, extensions, languages and encodings, and their honest twins.

Each variant is made by a seeded generator (so that a failure can be repeated) and judged by the real program with local_domains set, as the
victim would. Impostors must reach quarantine, twins must be accepted. Needs nothing from ../shared. `impostors.py DIR` keeps the mail there."""
import base64, datetime, json, os, random, subprocess, sys, tempfile
from urllib.parse import quote

from _tap import Tap

tap = Tap("impostors")
POSTERN = os.environ.get("POSTERN", "build/postern")
SEED, ROUNDS = 20091020, 40
rng = random.Random(SEED)

VICTIMS = ["clientsite.co.nz", "telecomtally.com", "uni-beispiel.de", "mairie-exemple.fr", "example.com.br", "gmina-przyklad.pl", "bedrijf.example.nl",
           "firma.example", "school.example.org.uk", "ejemplo.es"]
CARRIERS = ["certificates-db.com", "certificates-db.net", "secure-keys.info", "patchserver.biz", "update-center.ru", "sslrenew.co", "webhosting-8.example"]
PROGRAMS = ["exe", "scr", "msi", "bat", "com", "pif", "hta", "vbs", "cmd"]
# role address, role name, subject, body without its link, farewell
TEXTS = {
    "en": ("admin", "System Administrator", "Attention - mail system upgrade",
           "Tonight the mail server will be upgraded. For your mail program to stay compatible you should run the certificate update procedure. "
           "Click the link, save the patch file and run it:", "System Administrator"),
    "de": ("administrator", "Systemadministrator", "Achtung: Umstellung des Mailservers",
           "Heute Nacht wird der Mailserver umgestellt. Damit Ihr Programm weiter funktioniert, installieren Sie bitte das neue Zertifikat. "
           "Laden Sie die Datei und starten Sie sie:", "Ihr Systemadministrator"),
    "fr": ("support", "Service informatique", "Important : mise à jour de la messagerie",
           "Le serveur de messagerie sera mis à jour cette nuit. Pour continuer à recevoir vos messages, installez le nouveau certificat. "
           "Téléchargez le fichier et ouvrez-le :", "Le service informatique"),
    "es": ("sistema", "Administrador del sistema", "Aviso: actualización del correo",
           "Esta noche se actualizará el servidor de correo. Para que su programa siga funcionando instale el nuevo certificado. "
           "Descargue el archivo y ejecútelo:", "Administrador del sistema"),
    "pt": ("suporte", "Administrador do sistema", "Atenção: atualização do e-mail",
           "O servidor de e-mail será atualizado hoje. Para manter o acesso instale o novo certificado. Baixe o arquivo e execute:", "Administrador"),
    "nl": ("beheerder", "Systeembeheer", "Let op: onderhoud aan de mailserver",
           "Vannacht wordt de mailserver bijgewerkt. Installeer het nieuwe certificaat. Download het bestand en open het:", "Systeembeheer"),
    "pl": ("administrator", "Administrator systemu", "Uwaga: aktualizacja poczty",
           "Dziś w nocy serwer poczty zostanie zaktualizowany. Aby program działał, zainstaluj nowy certyfikat. Pobierz plik i uruchom go:", "Administrator"),
    "ru": ("admin", "Системный администратор", "Внимание: обновление почты",
           "Сегодня ночью почтовый сервер будет обновлён. Чтобы программа работала, установите новый сертификат. Скачайте файл и запустите его:",
           "Системный администратор"),
    "it": ("assistenza", "Amministratore di sistema", "Attenzione: aggiornamento della posta",
           "Questa notte il server di posta sarà aggiornato. Installi il nuovo certificato: scarichi il file e lo esegua:", "L'amministratore"),
}
DIALUPS = ["{0}-{1}-{2}-{3}.dsl.telesp.example.br", "pool-{3}-{2}-{1}-{0}.dyn.example.com", "cable-{0}-{1}-{2}-{3}.isp.example.net", None]


def word(n):
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(n))


def encoded(text):
    return text if text.isascii() else "=?UTF-8?B?%s?=" % base64.b64encode(text.encode()).decode()


def client():
    ip = [203, 0, 113, rng.randint(2, 250)]
    name = rng.choice(DIALUPS)
    return ".".join(map(str, ip)), name.format(*ip) if name else None, ip


def zone():
    return rng.choice([-480, -300, -180, 0, 60, 120, 330, 720])


def rfc_date(t, minutes):
    local = t + datetime.timedelta(minutes=minutes)
    return local.strftime("%a, %d %b %Y %H:%M:%S ") + "%s%02d%02d" % ("-" if minutes < 0 else "+", *divmod(abs(minutes), 60))


def filetime(t):
    return int((t - datetime.datetime(1601, 1, 1)).total_seconds()) * 10**7


def moment():
    return datetime.datetime(2009, 1, 1) + datetime.timedelta(seconds=rng.randint(0, 500_000_000))


def delivered(victim, user, ip, rdns, helo, t, envelope):
    """The victim's own Received line, in the words of Postfix or Exim."""
    when = rfc_date(t + datetime.timedelta(seconds=4), 60)
    if rng.random() < 0.5:
        line = f"Received: from {helo} ({rdns or 'unknown'} [{ip}])\n\tby mx1.{victim} (Postfix) with SMTP id {word(10).upper()}\n\tfor <{user}@{victim}>; {when}\n"
    elif rdns:
        line = f"Received: from {rdns} ([{ip}] helo={helo})\n\tby mx1.{victim} with smtp (Exim 4.69)\n\t(envelope-from <{envelope}>)\n\tid 1Mzrn2-0003rB-7T\n\tfor {user}@{victim}; {when}\n"
    else:
        line = f"Received: from [{ip}] (helo={helo})\n\tby mx1.{victim} with smtp (Exim 4.69)\n\t(envelope-from <{envelope}>)\n\tid 1Mzrn2-0003rB-7T\n\tfor {user}@{victim}; {when}\n"
    return f"Return-Path: <{envelope}>\n" + line


def mangled(url, host):
    """The link as senders disguise it: as it is, or with its host or path percent-encoded."""
    how = rng.randrange(3)
    if how == 1:
        return url.replace(host, "".join("%%%02x" % ord(c) if rng.random() < 0.3 else c for c in host), 1)
    if how == 2:
        head, tail = url.split(host, 1)
        return head + host + quote(tail, safe="/=-.").replace("@", "%40")
    return url


def text_mail(kind, user, victim, language):
    role, name, subject, body, bye = TEXTS[language]
    t, ip_text, rdns, ip = moment(), *client()
    carrier = rng.choice(CARRIERS)
    address = f"{role}@{victim}"
    middle = rng.choice(["secure.", "ssl.", "", "verify.id-8."])
    host = f"{rng.choice(['updates.', 'mail.', ''])}{victim}.{middle}{carrier}"
    extension = rng.choice(PROGRAMS) if kind != "page" else rng.choice(["aspx", "php", "html"])
    url = f"http://{host}/ssl/id={rng.randrange(10**9)}-{user}@{victim}-patch{rng.randrange(9999)}.{extension}"
    shown = f"http://{victim}/ssl/patch{rng.randrange(9999)}"
    display = rng.choice([name, role, f'"{victim} {name}"', f'"{name}"'])
    envelope = address if kind != "relayed" else f"user-{word(6)}@smtp.provider.example.br"
    helo = rng.choice(["pc-" + word(3), rdns or word(8), word(7).upper()])
    head = delivered(victim, user, ip_text, rdns, helo, t, envelope)
    if kind == "relayed":
        head = (f"Return-Path: <{envelope}>\nReceived: from smtp.provider.example.br (smtp.provider.example.br [192.0.2.25])\n\tby mail.{victim} (8.14.3/8.14.3) with ESMTP id "
                f"n9FDq2hT021873\n\tfor <{user}@{victim}>; {rfc_date(t + datetime.timedelta(seconds=6), -240)}\n"
                f"Received: from {word(8)} ([{ip_text}])\n\tby smtp.provider.example.br with ESMTP id 2009{word(6)};\n\t{rfc_date(t + datetime.timedelta(seconds=2), -180)}\n")
    html = kind != "program" or rng.random() < 0.4
    charset = "us-ascii" if (body + bye).isascii() else "utf-8"
    transfer = rng.choice(["8bit", "base64", "quoted-printable"]) if charset == "utf-8" else rng.choice(["7bit", "base64"])
    link = mangled(url, host)
    content = f'<html><body>{body}<br><br>\n<a href="{link}">{shown if kind != "program" else link}</a><br><br>\n{bye}</body></html>\n' if html else f"{body}\n\n{link}\n\n{bye}\n"
    raw = content.encode()
    if transfer == "base64":
        raw = base64.encodebytes(raw)
    elif transfer == "quoted-printable":
        import quopri
        raw = quopri.encodestring(raw)
    if not display.isascii():
        display = encoded(display.strip('"'))
    fields = (f"From: {display} <{address}>\nTo: <{user}@{victim}>\nSubject: {encoded(subject)}\nDate: {rfc_date(t, zone())}\n"
              f"Message-ID: <{word(12)}.{word(6)}@{rng.choice([victim, carrier, 'localhost', word(6)])}>\nMIME-Version: 1.0\n"
              f"Content-Type: text/{'html' if html else 'plain'}; charset=\"{charset}\"\nContent-Transfer-Encoding: {transfer}\n\n")
    return (head + fields).encode() + raw


VENDORS = [("Microsoft", "microsoft.com", "Windows"), ("Adobe", "adobe.com", "Flash Player"), ("Apple", "apple.com", "Mac OS X"), ("PayPal", "paypal.com", "PayPal account"),
           ("Symantec", "symantec.com", "Norton")]


def vendor_mail(user, victim, good_message_id):
    brand, domain, product = rng.choice(VENDORS)
    t, ip_text, _, ip = moment(), *client()
    rdns = "%s-%02x%02x%02x%02x.pool.isp.example" % (word(4), *ip)
    minutes = rng.choice([m for m in (-300, -180, 60, 120, 330) if m])
    local = filetime(t + datetime.timedelta(minutes=minutes))
    high, low = "%08x" % (local >> 32), "%08x" % (local & 0xFFFFFFFF)
    little = "%02x%02x%02x%02x" % tuple(reversed(ip))
    token = word(6).upper()
    message_id = f"{high}${low}${little}@{token}"
    if good_message_id:  # well-formed: prefix, an honest UTC clock, a private address
        honest = filetime(t) + rng.randint(1, 9) * 10**6
        message_id = "0004%08x$%08x$6401a8c0@%s" % (honest >> 32, honest & 0xFFFFFFFF, token)
    index = base64.b64encode((filetime(t - datetime.timedelta(days=800)) >> 16).to_bytes(6, "big") + bytes(rng.randrange(256) for _ in range(16))).decode()
    name = f"{rng.choice(['KB', 'patch', 'setup'])}{rng.randrange(10**6)}.{rng.choice(['exe', 'scr', 'com', 'pif'])}"
    program = base64.encodebytes(b"MZ" + b"\0" * 58 + b"\x40\0\0\0PE\0\0 harmless stand-in").decode()
    armour = "\n".join("".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for _ in range(65)) for _ in range(4))
    return f"""Received: from xxx.{victim} (198.51.100.10) by
 yyy.{victim} (198.51.100.11) with Microsoft SMTP
 Server (TLS) id 8.2.83.0; {rfc_date(t + datetime.timedelta(seconds=35), -420)}
Received: from {rdns} ({ip_text}) by
 xxx.{victim} (198.51.100.10) with Microsoft SMTP Server id
 8.1.291.1; {rfc_date(t + datetime.timedelta(seconds=24), -420)}
Received: from [{ip_text}] by {word(3)}.hotmail.com; {rfc_date(t, minutes)}
From: {brand} <{rng.choice(['customerservice', 'security', 'updates', 'no-reply'])}@{domain}>
To: <{user}@{victim}>
Subject: Security update for {product}
Date: {rfc_date(t, minutes)}
MIME-Version: 1.0
Content-Type: multipart/mixed;
    boundary="----=_NextPart_000_000E_{high.upper()}.{low.upper()}"
X-Mailer: Microsoft Office Outlook, Build 11.0.5510
Thread-Index: {index}
X-MimeOLE: Produced By Microsoft MimeOLE V5.50.4807.1700
Message-ID: <{message_id}>
Return-Path: {token}@hotmail.com

This is a multi-part message in MIME format.

------=_NextPart_000_000E_{high.upper()}.{low.upper()}
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: 7bit

Dear customer, please run the attached update for {product} and follow the instructions.

-----BEGIN PGP SIGNATURE-----
Version: PGP 7.1

{armour}
-----END PGP SIGNATURE-----

------=_NextPart_000_000E_{high.upper()}.{low.upper()}
Content-Type: application/octet-stream; name="{name}"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="{name}"

{program}
------=_NextPart_000_000E_{high.upper()}.{low.upper()}--
""".encode()


def twin_administrator(user, victim, language):
    """A real maintenance notice from one's own administrator, sent from inside."""
    role, name, subject, _, bye = TEXTS[language]
    t = moment()
    return (f"Return-Path: <{role}@{victim}>\nReceived: from desk4.{victim} (desk4.{victim} [10.1.2.9])\n\tby mail.{victim} (Postfix) with ESMTPSA id {word(10).upper()}\n"
            f"\tfor <{user}@{victim}>; {rfc_date(t + datetime.timedelta(seconds=2), 60)}\nDate: {rfc_date(t, 60)}\nFrom: {encoded(name)} <{role}@{victim}>\n"
            f"To: <{user}@{victim}>\nSubject: {encoded(subject)}\nMessage-ID: <{t:%Y%m%d%H%M%S}.GB{rng.randrange(9999)}@{victim}>\nMIME-Version: 1.0\n"
            f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\nUser-Agent: Mutt/1.5.20 (2009-06-14)\n\n"
            f"The mail server will be upgraded on Saturday at 20:00 and be away for half an hour.\nNothing to do for you. Details: https://intranet.{victim}/maintenance\n\n{bye}\n").encode()


def twin_newsletter(user, victim):
    """A newsletter whose tracking links carry the reader's address, plain or percent-encoded."""
    t, sender = moment(), rng.choice(["gardenpost.example", "weekly-news.example", "concerts.example.fr"])
    who = rng.choice([f"{user}@{victim}", f"{user}%40{victim}"])
    return (f"Return-Path: <bounce-{rng.randrange(99999)}-{user}={victim}@mail.{sender}>\nReceived: from mta7.mail.{sender} (mta7.mail.{sender} [198.51.100.77])\n\tby mx1.{victim} (Postfix) with ESMTPS id "
            f"{word(10).upper()}\n\tfor <{user}@{victim}>; {rfc_date(t + datetime.timedelta(seconds=3), 60)}\nDate: {rfc_date(t, 0)}\nFrom: The Weekly <news@{sender}>\nTo: {user}@{victim}\n"
            f"Subject: what is on this week\nMessage-ID: <{t:%Y%m%d%H%M%S}.{rng.randrange(99999)}@mail.{sender}>\nList-Id: <weekly.{sender}>\n"
            f"List-Unsubscribe: <https://click.{sender}/u?r={user}%40{victim}>\nPrecedence: bulk\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
            f'<html><body><p>This week:</p><p><a href="https://click.{sender}/c/1?r={who}">The programme</a></p>\n'
            f'<p>You get this because {user}@{victim} subscribed. <a href="https://click.{sender}/u?r={who}">Unsubscribe</a></p></body></html>\n').encode()


def twin_vendor(user, victim):
    """A real vendor's mail, from the vendor's own servers."""
    brand, domain, product = rng.choice(VENDORS)
    t = moment()
    return (f"Return-Path: <bounces@{domain}>\nReceived: from mail-out3.{domain} (mail-out3.{domain} [198.51.100.30])\n\tby mx1.{victim} (Postfix) with ESMTPS id {word(10).upper()}\n"
            f"\tfor <{user}@{victim}>; {rfc_date(t + datetime.timedelta(seconds=3), 60)}\nDate: {rfc_date(t, 0)}\nFrom: {brand} <news@{domain}>\nTo: {user}@{victim}\n"
            f"Subject: Security updates for {product}\nMessage-ID: <{word(8)}-{word(4)}-{word(12)}@{domain}>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
            f"Updates for {product} are ready and install themselves.\nRead more: https://www.{domain}/security\n").encode()


def generate():
    for i in range(ROUNDS):
        victim, user, language = rng.choice(VICTIMS), rng.choice(["larry", "validemail", "m.schmidt", "info2", "kowalska"]), rng.choice(sorted(TEXTS))
        for kind in ("program", "page", "relayed"):
            yield f"impostor-{kind}-{language}-{i:03}.eml", victim, text_mail(kind, user, victim, language)
        yield f"impostor-vendor-{i:03}.eml", victim, vendor_mail(user, victim, False)
        yield f"impostor-vendor-goodid-{i:03}.eml", victim, vendor_mail(user, victim, True)
        yield f"twin-administrator-{language}-{i:03}.eml", victim, twin_administrator(user, victim, language)
        yield f"twin-newsletter-{i:03}.eml", victim, twin_newsletter(user, victim)
        yield f"twin-vendor-{i:03}.eml", victim, twin_vendor(user, victim)


def main():
    keep = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder:
        folder = keep or folder
        os.makedirs(folder, exist_ok=True)
        of = {}
        for name, victim, raw in generate():
            of.setdefault(victim, []).append(name)
            with open(os.path.join(folder, name), "wb") as f:
                f.write(raw)
        for victim, names in sorted(of.items()):
            settings = os.path.join(folder, victim + ".yaml")
            with open(settings, "w") as f:
                f.write(f"local_domains: [{victim}]\n")
            out = subprocess.run([POSTERN, "scan", "--json", "--settings", settings] + [os.path.join(folder, n) for n in names], stdout=subprocess.PIPE, text=True).stdout
            for name, line in zip(names, out.splitlines()):
                r = json.loads(line)
                good = r["verdict"] == "accept" if name.startswith("twin-") else r["verdict"] in ("quarantine", "reject")
                tap.check(good, f"{name} is {r['verdict']} at {r['score']}")
                if not good:
                    for e in r["evidence"]:
                        print(f"#   {e['weight']:+} {e['id']}: {e['says']}")
        tap.check(tap.count == 8 * ROUNDS, "all of them were judged", tap.count)
        return tap.end()


sys.exit(main())
