"""Debian packages unpacked beside the build, never installed; and the scale that all scores are written in."""
import glob, math, os, subprocess


def unpack(folder, packages):
    """Fetches the packages with apt-get and unpacks them into folder, once. Returns folder."""
    done = os.path.join(folder, ".complete")
    if not os.path.exists(done):
        debs = os.path.join(folder, "packages")
        os.makedirs(debs, exist_ok=True)
        fetch = subprocess.run(["apt-get", "download", "-q", *packages], cwd=debs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if fetch.returncode:
            raise SystemExit(f"apt-get download {' '.join(packages)}: {fetch.stderr.strip()}")
        for deb in glob.glob(os.path.join(debs, "*.deb")):
            subprocess.run(["dpkg", "-x", deb, folder], check=True)
        open(done, "w").close()
    return folder


def environment(folder, *libraries):
    """What a program unpacked there needs to find its own libraries, and nothing of the user's settings."""
    path = glob.glob(os.path.join(folder, "usr/lib/*-linux-gnu*")) + [os.path.join(folder, l) for l in libraries]
    return {"LD_LIBRARY_PATH": ":".join(path), "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}


def log_odds(probability):
    """In nats. The filters round to 0 and to 1: what they print so stands beyond all that they can tell apart, and ties."""
    if probability <= 0:
        return -750.0
    if probability >= 1:
        return 40.0
    return math.log(probability) - math.log1p(-probability)
