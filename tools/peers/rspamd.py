"""rspamd's Bayes alone: its controller on a free port of the loopback and a redis on a private socket, both ended with the run.

No rules, no autolearning; min_learns is 1, where 200 of each class are the default, so that it judges as early as the others.
"Learn-Type: bulk" makes it learn what it already knows well, which it refuses otherwise: all filters learn the same messages."""
import http.client, json, os, socket, subprocess, time
from peers.package import environment, log_odds, unpack

PACKAGES = ["rspamd", "redis-server", "redis-tools", "libhyperscan5", "libluajit2-5.1-2", "libluajit-5.1-2", "libluajit2-5.1-common",
            "libunwind8", "libsodium23", "libpcre2-8-0", "libglib2.0-0", "libicu72", "libsqlite3-0", "liblzf1", "libjemalloc2", "libatomic1",
            "liblua5.1-0", "lua-cjson", "lua-bitop"]

SETTINGS = """
options {
	filters = ""; explicit_modules = [];
	pidfile = "@STATE@/rspamd.pid"; cache_file = "@STATE@/symbols"; history_file = "@STATE@/history";
	control_socket = "@STATE@/control mode=0600"; hs_cache_dir = "@SHARE@/compiled/"; tempdir = "@STATE@";
	url_tld = "@SHARE@/effective_tld_names.dat"; classify_headers = ["User-Agent", "X-Mailer", "Content-Type", "X-MimeOLE"];
	words_decay = 600; max_lua_urls = 1024; max_urls = 10240; task_timeout = 60s;
	dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; sockets = 1; retransmits = 1; }
}
lang_detection { languages = "@SHARE@/languages"; }
logging { type = "file"; filename = "@STATE@/log"; level = "warning"; }
worker "controller" { bind_socket = "127.0.0.1:@PORT@"; count = 1; secure_ip = "127.0.0.1"; }
classifier "bayes" {
	tokenizer { name = "osb"; }
	cache { }
	new_schema = true; min_tokens = 11; min_learns = 1;
	backend = "redis"; servers = "@STATE@/redis"; timeout = 30s;
	statfile { symbol = "BAYES_HAM"; spam = false; }
	statfile { symbol = "BAYES_SPAM"; spam = true; }
	learn_condition = 'return require("lua_bayes_learn").can_learn';
}
lua = "@STATE@/probability.lua";
"""

# The symbols BAYES_SPAM and BAYES_HAM carry a rounded power of the probability: this one says it whole.
PROBABILITY = """
rspamd_config:register_symbol({ name = 'PROBABILITY', type = 'postfilter', callback = function(task)
	local probability = task:get_mempool():get_variable('bayes_prob', 'double')
	task:insert_result('PROBABILITY', 1.0, string.format('%.17g', probability or 0.5))
end })
"""

LEARNT, TOO_SHORT, KNOWN = 200, 204, 208


class Peer:
    name = "rspamd"

    def __init__(self, folder, state):
        unpack(folder, PACKAGES)
        share = os.path.join(folder, "usr/share/rspamd")
        os.makedirs(os.path.join(share, "compiled"), exist_ok=True)  # its first start compiles patterns for half a minute
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with open(os.path.join(state, "rspamd.conf"), "w") as settings:
            settings.write(SETTINGS.replace("@STATE@", state).replace("@SHARE@", share).replace("@PORT@", str(self.port)))
        with open(os.path.join(state, "probability.lua"), "w") as script:
            script.write(PROBABILITY)
        there = environment(folder, "usr/lib/rspamd")
        there.update(SHAREDIR=share, PLUGINSDIR=f"{share}/plugins", RULESDIR=f"{share}/rules", LUALIBDIR=f"{share}/lualib")
        self.log = open(os.path.join(state, "output"), "wb")
        self.processes = []
        try:
            self.start(there, f"{folder}/usr/bin/redis-server", "--port", "0", "--unixsocket", f"{state}/redis", "--save", "", "--dir", state)
            self.start(there, f"{folder}/usr/bin/rspamd", "-f", "-i", "-c", f"{state}/rspamd.conf")
            self.wait_until_it_answers()
        except BaseException:
            self.close()
            raise

    def start(self, there, *command):
        self.processes.append(subprocess.Popen(command, env=there, stdout=self.log, stderr=self.log))

    def wait_until_it_answers(self):
        latest = time.monotonic() + 300
        while time.monotonic() < latest and all(process.poll() is None for process in self.processes):
            try:
                return self.ask("GET", "/ping")
            except OSError:
                time.sleep(0.2)
        with open(self.log.name, errors="replace") as log:
            raise RuntimeError(f"rspamd does not answer: {log.read()[-1000:]}")

    def ask(self, method, path, message=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, message, {"Learn-Type": "bulk"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def score(self, message):
        status, text = self.ask("POST", "/checkv2", message)
        if status != 200:
            raise RuntimeError(f"rspamd: {text.decode()}")
        return log_odds(float(json.loads(text)["symbols"]["PROBABILITY"]["options"][0]))

    def learn(self, message, spam):
        status, text = self.ask("POST", "/learnspam" if spam else "/learnham", message)
        if status not in (LEARNT, TOO_SHORT, KNOWN):
            raise RuntimeError(f"rspamd: {status} {text.decode()}")

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        self.log.close()
