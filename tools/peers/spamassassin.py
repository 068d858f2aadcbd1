"""SpamAssassin's Bayes alone, in one perl process: see spamassassin.pl."""
import glob, os, subprocess
from peers.package import environment, log_odds, unpack

PACKAGES = ["spamassassin", "libhtml-parser-perl", "libhtml-tagset-perl", "libnet-dns-perl", "libnetaddr-ip-perl"]


class Peer:
    name = "spamassassin"

    def __init__(self, folder, state):
        unpack(folder, PACKAGES)
        modules = [os.path.join(folder, "usr/share/perl5"), *glob.glob(os.path.join(folder, "usr/lib/*/perl5/*"))]
        command = ["perl", *[f"-I{m}" for m in modules], os.path.join(os.path.dirname(__file__), "spamassassin.pl")]
        command += [state, os.path.join(folder, "usr/share/spamassassin")]
        self.perl = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(folder))

    def order(self, what, message):
        self.perl.stdin.write(b"%s %d\n" % (what, len(message)) + message)
        self.perl.stdin.flush()
        answer = self.perl.stdout.readline()
        if not answer:
            raise RuntimeError(f"spamassassin.pl ended with {self.perl.wait()}")
        return float(answer)

    def score(self, message):
        return log_odds(self.order(b"score", message))

    def learn(self, message, spam):
        self.order(b"spam" if spam else b"ham", message)

    def close(self):
        self.perl.stdin.close()
        self.perl.wait()
