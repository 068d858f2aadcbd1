"""Two clients without a server: swaks, which sends one message as a shell script would, and miltertest, which plays a mail server from a script."""
import subprocess
from peers.process import environment, path


def swaks(port, *args, message=None):
    """(exit status, transcript)"""
    data = ["--data", "-"] if message is not None else []
    done = subprocess.run(["/usr/bin/perl", path("usr/bin/swaks"), "--server", "127.0.0.1", "--port", str(port), *data, *args], input=message,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment(), timeout=120)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def miltertest(script, **variables):
    """Runs a Lua script; the variables are global there. (exit status, output)"""
    given = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
    done = subprocess.run([path("usr/bin/miltertest"), "-s", script, *given], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          env=environment(), timeout=120)
    return done.returncode, done.stdout.decode("utf-8", "replace")
