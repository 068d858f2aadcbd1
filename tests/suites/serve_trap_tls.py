#!/usr/bin/env python3
"""serve_trap_tls.py - the false open relay as Exim, with STARTTLS: its own certificate, kept, or the settings'. Prints TAP."""
import os, re, signal, ssl, subprocess, tempfile

from _tap import Tap
from peers import process
from peers.postern import Serve
from serve_trap import PROBE, Client, connects, seccomp, until


def certificate_of(port, tap=None):
    """The trap's, in DER, seen by a client that says what it should not before TLS stands."""
    client = Client(port, "203.0.113.9")
    offers = client.say("EHLO scanner.example")
    client.socket.sendall(b"STARTTLS\r\nMAIL FROM:<injected@scanner.example>\r\n")
    ready = client.reply()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client.socket = context.wrap_socket(client.socket)
    client.file = client.socket.makefile("rb")
    if tap:
        tap.check("250-STARTTLS\r\n" in offers and ready == "220 TLS go ahead\r\n", "STARTTLS is offered and begun", (offers, ready))
        tap.check(client.say("RCPT TO:<a@b.example>") == "503 sender not yet given\r\n", "what was sent in the clear behind it is forgotten")
        tap.check("STARTTLS" not in client.say("EHLO scanner.example"), "by TLS it is not offered again")
        said = client.send(PROBE)
        tap.check(re.match(r"250 OK id=\w{6}-\w{6}-\w\w\r\n", said[-1]), "a message comes by TLS", said)
    found = client.socket.getpeercert(True)
    client.close()
    return found


def starttls(tap):
    port = process.free_port()
    with tempfile.TemporaryDirectory() as tmp, Serve(resolver="none", listen_trap=[f"127.0.0.1:{port}"], trap_hostname="relay.trap.example", trap_personality="exim",
                                                     proxy_protocol_from=["127.0.0.1"], workers=1) as service:
        pid = until(lambda: service.roles().get("trap"))
        client = until(lambda: Client(port))
        tap.check(re.match(r"220 relay\.trap\.example ESMTP Exim 4\.96 \w{3}, +\d+ \w{3} \d{4} [\d:]{8} [+-]\d{4}\r\n$", client.greeting), "greets as Exim does", client.greeting)
        client.close()
        first = certificate_of(port, tap)
        text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"], input=first, stdout=subprocess.PIPE).stdout.decode()
        tap.check("Issuer: CN = relay.trap.example" in text and "Subject: CN = relay.trap.example" in text and "DNS:relay.trap.example" in text and "postern" not in text,
                  "the certificate is signed by itself, for the trap's name", text)
        kept = os.stat(os.path.join(service.data, "trap.pem"))
        tap.check(kept.st_mode & 0o777 == 0o600, "and kept where only the service reads it", oct(kept.st_mode))
        if "no sandbox: this build has sanitizers" in service.log():
            tap.skip("the process is sealed", "this build has sanitizers")
        else:
            tap.check(seccomp(pid[0]) == "2", "the process that speaks TLS is sealed")
        os.kill(pid[0], signal.SIGKILL)
        until(lambda: service.roles().get("trap", pid) != pid and connects(port))
        tap.check(certificate_of(port) == first, "another process offers the same one")
        key, certificate = f"{tmp}/trap.key", f"{tmp}/trap.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=other.example"], check=True,
                       stderr=subprocess.DEVNULL)
        service.configure(trap_certificate=certificate, trap_key=key)
        service.reload()
        with open(certificate) as f:
            given = ssl.PEM_cert_to_DER_cert(f.read())
        tap.check(until(lambda: certificate_of(port) == given), "after a reload it is the settings'")


if __name__ == "__main__":
    raise SystemExit(Tap("serve_trap_tls").run(starttls))
