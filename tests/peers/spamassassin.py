"""SpamAssassin 4: spamd on a free port with its shipped rules and no network, and spamc, the client every mail server knows."""
import os, shutil, subprocess
from peers.process import Peer, environment, free_port, path, perl_folders

SETTINGS = """
use_bayes {bayes}
bayes_path {tmp}/bayes
bayes_auto_learn 0
dns_available no
skip_rbl_checks 1
skip_uribl_checks 1
use_razor2 0
use_pyzor 0
use_dcc 0
lock_method flock
"""


class Spamd(Peer):
    name = "spamd"
    starts_in = 120

    def __init__(self, children=2, bayes=0):
        super().__init__()
        self.port, self.children = free_port(), children
        shutil.copytree(path("etc/spamassassin"), os.path.join(self.tmp, "site"))  # which plug-ins are loaded: those of the package
        self.write("site/local.cf", SETTINGS.format(tmp=self.tmp, bayes=bayes))
        if os.getuid() == 0:
            os.chown(self.tmp, 65534, 65534)

    def command(self):
        as_user = ["--username=nobody", "--groupname=nogroup"] if os.getuid() == 0 else []
        return ["/usr/bin/perl", "-T", *[f"-I{f}" for f in perl_folders()], path("usr/sbin/spamd"), "--local", "--nouser-config", "--allow-tell",
                f"--listen=127.0.0.1:{self.port}", "--allowed-ips=127.0.0.1", f"--min-children={self.children}", f"--max-children={self.children}",
                "--max-conn-per-child=100000", f"--configpath={path('usr/share/spamassassin')}", f"--siteconfigpath={self.tmp}/site", "--syslog=stderr",
                f"--pidfile={self.tmp}/pid", *as_user]

    def ready(self):
        return Spamc(self.port).ping()


class Spamc:
    """spamc against a server at port; each call returns (exit status, output)."""

    def __init__(self, port):
        self.port = port

    def run(self, *args, message=b"", **more):
        done = subprocess.run([path("usr/bin/spamc"), "-d", "127.0.0.1", "-p", str(self.port), *args], input=message, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=environment(**more), timeout=120)
        return done.returncode, done.stdout

    def ping(self):
        return self.run("-K")[0] == 0
