"""bogofilter with its built-in settings: one process for each message that is judged or learnt, as delivery agents run it."""
import os, re, subprocess
from peers.package import environment, log_odds, unpack

PACKAGES = ["bogofilter-bdb", "bogofilter-common", "libdb5.3", "libgsl27", "libgslcblas0"]
UNSURE = 0.52  # what it gives a message of which it knows no word


class Peer:
    name = "bogofilter"

    def __init__(self, folder, state):
        unpack(folder, PACKAGES)
        self.program, self.environment, self.state = os.path.join(folder, "usr/bin/bogofilter-bdb"), environment(folder), state
        self.learnt = False

    def run(self, option, message):
        # Learning counts each line "From " as a new message, so those in the text are quoted, as in any mailbox file.
        quoted = message[:1] + re.sub(rb"(?m)^From ", b">From ", message[1:])
        return subprocess.run([self.program, "-C", option, "-d", self.state], input=quoted, capture_output=True, env=self.environment)

    def score(self, message):
        if not self.learnt:
            return log_odds(UNSURE)
        result = self.run("-TT", message)
        if result.returncode > 2:
            raise RuntimeError(f"bogofilter: {result.stderr.decode()}")
        spamicity = float(result.stdout)
        return log_odds(UNSURE if spamicity != spamicity else spamicity)

    def learn(self, message, spam):
        result = self.run("-s" if spam else "-n", message)
        if result.returncode:
            raise RuntimeError(f"bogofilter: {result.stderr.decode()}")
        self.learnt = True

    def close(self):
        pass
