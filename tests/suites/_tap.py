"""Results of a suite as TAP, a line each, as tests/run reads them."""
import os, sys, traceback

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Tap:
    def __init__(self, name):
        self.name, self.count, self.failures = name, 0, 0

    def check(self, ok, what, detail=""):
        self.count += 1
        self.failures += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {what}" + (f": {detail}" if not ok else ""), flush=True)
        return ok

    def skip(self, what, why):
        self.count += 1
        print(f"ok {self.count} - {what} # SKIP {why}", flush=True)

    def end(self):
        """The last line; returns an exit status."""
        print(f"1..{self.count}")
        return 1 if self.failures else 0

    def run(self, *parts):
        """Calls each; peers.process.Unavailable skips it with its reason, any other exception is a failure of it. Returns an exit status."""
        from peers.process import Unavailable
        for part in parts:
            what = part.__name__.replace("_", " ")
            try:
                part(self)
            except Unavailable as why:
                self.skip(f"{self.name}: {what}", why)
            except Exception as why:
                traceback.print_exc(file=sys.stdout)
                self.check(False, what, why)
        return self.end()
