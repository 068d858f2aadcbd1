"""A real Exim 4 that asks a filter with `spam =` in its DATA ACL, in SpamAssassin's protocol or in rspamd's, and tells what it was told.

Mail is accepted with X-Test-Spam-* fields that hold Exim's variables, and delivered over SMTP to a sink."""
import os
from peers.process import Peer, banner, environment, free_port, path

COMMON = """
exim_path = {peers}/usr/sbin/exim4
spool_directory = {tmp}/spool
log_file_path = {tmp}/exim.%slog
pid_file_path = {tmp}/pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
primary_hostname = mx.example.org
exim_user = {user}
exim_group = {group}
never_users =
trusted_users = {user}
keep_environment = LD_LIBRARY_PATH : LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
add_environment =
disable_ipv6 = true
"""

CONFIGURATION = COMMON + """host_lookup =
rfc1413_query_timeout = 0s
helo_allow_chars = _
local_from_check = false
queue_only = false
smtp_accept_max = 100
spamd_address = {spamd}
acl_smtp_rcpt = accept
acl_smtp_data = acl_data
begin acl
acl_data:
  accept
    spam = nobody:true
    add_header = :at_start:X-Test-Spam-Score: $spam_score
    add_header = :at_start:X-Test-Spam-Int: $spam_score_int
    add_header = :at_start:X-Test-Spam-Action: $spam_action
    add_header = :at_start:X-Test-Spam-Report: ${{sg{{$spam_report}}{{\\n}}{{ | }}}}
  accept
    add_header = :at_start:X-Test-Spam-Failed: yes
begin routers
sink:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = sink
begin transports
sink:
  driver = smtp
  port = {sink}
  allow_localhost
  hosts_try_fastopen =
begin retry
* * F,1h,2s
"""

# As the program is by default, but everybody may relay, and nothing is delivered anywhere.
RELAY = COMMON + """rfc1413_query_timeout = 0s
local_from_check = false
smtp_accept_max = 100
acl_smtp_rcpt = accept
begin routers
nowhere:
  driver = accept
  transport = nowhere
begin transports
nowhere:
  driver = appendfile
  file = /dev/null
"""


class Exim(Peer):
    """filter_port: of the filter; rspamd: speak rspamd's protocol instead of SpamAssassin's; sink: the port mail is delivered to."""
    name = "exim"

    def __init__(self, filter_port=9, sink=9, rspamd=False, configuration=CONFIGURATION):
        super().__init__()
        self.port = free_port()
        # The package's user, which the program looks up by name: whoever runs the tests, or under root one that gives up its rights.
        uid, gid = (os.getuid(), os.getgid()) if os.getuid() else (65534, 65534)
        self.passwd = self.write("passwd", f"root:x:0:0::/:/bin/sh\nDebian-exim:x:{uid}:{gid}::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n")
        self.group = self.write("group", f"root:x:0:\nDebian-exim:x:{gid}:\nnogroup:x:65534:\n")
        spamd = f"127.0.0.1 {filter_port}" + (" variant=rspamd" if rspamd else "")
        text = configuration.format(peers=path(), tmp=self.tmp, port=self.port, user=uid, group=gid, spamd=spamd, sink=sink)
        os.chmod(self.write("exim.conf", text), 0o644)
        os.mkdir(os.path.join(self.tmp, "spool"))
        if os.getuid() == 0:
            for name in (self.tmp, os.path.join(self.tmp, "spool")):
                os.chown(name, uid, gid)

    def environment(self):
        wrapper = path("usr/lib", os.uname().machine + "-linux-gnu", "libnss_wrapper.so")
        return environment(LD_PRELOAD=wrapper, NSS_WRAPPER_PASSWD=self.passwd, NSS_WRAPPER_GROUP=self.group)

    def command(self):
        return [path("usr/sbin/exim4"), "-C", os.path.join(self.tmp, "exim.conf"), "-bdf", "-q1s"]

    def ready(self):
        return banner(self.port, b"220 ")

    def log(self):
        text = super().log()
        for kind in ("main", "panic", "reject"):
            name = os.path.join(self.tmp, f"exim.{kind}log")
            if os.path.exists(name):
                with open(name, errors="replace") as f:
                    text += f.read()
        return text
