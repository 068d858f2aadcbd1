"""rspamd 3.4 with its shipped settings on free ports, network modules off and nothing to ask; and rspamc, its client."""
import http.client, os, subprocess
from peers.process import Peer, environment, free_port, path

# Modules that ask the network or need Redis; the rest of what is shipped stays on. DNS goes to a port where nobody listens.
NETWORK = ["rbl", "spf", "dkim", "dmarc", "arc", "dkim_signing", "fuzzy_check", "asn", "mx_check", "url_redirector", "greylist", "ratelimit", "replies", "history_redis",
           "clickhouse", "elastic", "neural", "antivirus", "dcc", "bayes_expiry", "ip_score", "reputation", "external_services", "spamtrap", "metadata_exporter",
           "maps_stats", "rspamd_update", "p0f", "known_senders", "hfilter", "once_received"]
OPTIONS = """
pidfile = "{tmp}/rspamd.pid"; cache_file = "{tmp}/symbols"; history_file = "{tmp}/history"; control_socket = "{tmp}/control mode=0600";
tempdir = "{tmp}"; hs_cache_dir = "{compiled}/"; map_watch_interval = 1d; disable_monitoring = true; rrd = ""; local_addrs = ["127.0.0.0/8"];
dns {{ nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; sockets = 1; }}
"""


class Rspamd(Peer):
    """port: /checkv2 and what rspamc asks for (normal worker); milter: that of its proxy; controller: learning and figures."""
    name = "rspamd"
    starts_in = 300  # the first start compiles its patterns

    def __init__(self, workers=1):
        super().__init__()
        self.port, self.controller, self.milter = free_port(), free_port(), free_port()
        compiled = path("var", "rspamd")
        os.makedirs(compiled, exist_ok=True)
        etc = path("etc", "rspamd")
        self.write("override.d/options.inc", OPTIONS.format(tmp=self.tmp, compiled=compiled))
        self.write("override.d/logging.inc", f'type = "file"; filename = "{self.tmp}/log"; level = "warning";\n')
        self.write("override.d/worker-normal.inc", f'bind_socket = "127.0.0.1:{self.port}"; count = {workers};\n')
        self.write("rspamd.conf.local", f'lang_detection {{ languages = "{path("usr/share/rspamd/languages")}"; }}\n')
        self.write("override.d/worker-controller.inc", f'bind_socket = "127.0.0.1:{self.controller}"; count = 1; secure_ip = "127.0.0.1";\n')
        self.write("override.d/worker-proxy.inc", f'bind_socket = "127.0.0.1:{self.milter}"; milter = yes; timeout = 120s; count = {workers}; '
                   'upstream "local" { default = yes; self_scan = yes; }\n')
        self.write("override.d/worker-fuzzy.inc", "enabled = false; count = -1;\n")
        for module in NETWORK:
            self.write(f"override.d/{module}.conf", "enabled = false;\n")
        self.write("override.d/phishing.conf", "phishtank_enabled = false;\n")  # the rest of it asks nobody
        self.etc = etc
        os.makedirs(os.path.join(self.tmp, "data"))
        if os.getuid() == 0:
            for folder, _, files in os.walk(self.tmp):
                for name in [folder, *[os.path.join(folder, f) for f in files]]:
                    os.chown(name, 65534, 65534)
            os.chown(compiled, 65534, 65534)

    def environment(self):
        share = path("usr/share/rspamd")
        return environment(SHAREDIR=share, PLUGINSDIR=f"{share}/plugins", RULESDIR=f"{share}/rules", LUALIBDIR=f"{share}/lualib", CONFDIR=self.etc,
                           LOCAL_CONFDIR=self.tmp, DBDIR=os.path.join(self.tmp, "data"), RUNDIR=self.tmp, LOGDIR=self.tmp, WWWDIR=f"{share}/www")

    def command(self):
        as_user = ["-u", "nobody", "-g", "nogroup"] if os.getuid() == 0 else ["-i"]
        variables = [f"--var={name}={value}" for name, value in self.environment().items() if name.endswith("DIR")]
        return [path("usr/bin/rspamd"), "-f", *as_user, "-c", os.path.join(self.etc, "rspamd.conf"), *variables]

    def ready(self):
        return all(Rspamc(p).get("/ping")[0] == 200 for p in (self.port, self.controller))


class Rspamc:
    """rspamc, and plain HTTP requests, against a server at port."""

    def __init__(self, port):
        self.port = port

    def run(self, *args, message=None, **more):
        done = subprocess.run([path("usr/bin/rspamc"), "-h", f"127.0.0.1:{self.port}", *args], input=message, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=environment(**more), timeout=120)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def get(self, where, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST" if body is not None else "GET", where, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
