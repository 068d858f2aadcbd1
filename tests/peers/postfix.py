"""A real Postfix before a milter: smtpd on a free port, which believes 127.0.0.1 in XCLIENT, and delivery over SMTP to a sink.

Its own configuration, queue and data stand in a temporary folder. master(8) needs root, to become two users that every Debian has;
without root it is unavailable. No DNS, no rewriting, no limits for one client: what comes in goes to the milter and out as it is."""
import os, pwd, shutil, subprocess
from peers.process import Peer, Unavailable, banner, environment, free_port, path

OWNER, DROP_GROUP = "mail", "uucp"  # not one's own users' files; Postfix wants two that nobody shares
QUEUES = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace", "pid", "maildrop", "public"]
MAIN = """
compatibility_level = 3.6
config_directory = {tmp}/etc
queue_directory = {tmp}/queue
data_directory = {tmp}/data
daemon_directory = {peers}/usr/lib/postfix/sbin
command_directory = {peers}/usr/sbin
shlib_directory = {peers}/usr/lib/postfix
meta_directory = {peers}/etc/postfix
maillog_file = {tmp}/log
maillog_file_prefixes = {tmp}
import_environment = MAIL_CONFIG LD_LIBRARY_PATH LANG MAIL_LOGTAG
mail_owner = {owner}
setgid_group = {drop_group}
default_privs = nobody
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = all
alias_maps =
alias_database =
local_recipient_maps =
local_header_rewrite_clients =
append_dot_mydomain = no
append_at_myorigin = yes
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_peername_lookup = no
relay_domains = static:all
allow_untrusted_routing = yes
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 100000
smtpd_hard_error_limit = 100000
smtpd_junk_command_limit = 100000
smtpd_helo_required = no
strict_rfc821_envelopes = no
disable_vrfy_command = yes
message_size_limit = 104857600
mailbox_size_limit = 0
header_size_limit = 10485760
hopcount_limit = 1000
smtp_line_length_limit = 0
message_drop_headers =
smtp_dns_support_level = disabled
smtp_connection_cache_on_demand = yes
smtp_connection_cache_destinations = [127.0.0.1]:{sink}
default_transport = smtp:[127.0.0.1]:{sink}
relay_transport = smtp:[127.0.0.1]:{sink}
default_destination_concurrency_limit = 50
default_destination_recipient_limit = 100
in_flow_delay = 0
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtpd_milters = {milters}
milter_protocol = 6
milter_default_action = {on_failure}
milter_connect_timeout = {milter_timeout}
milter_command_timeout = {milter_timeout}
milter_content_timeout = {milter_timeout}
milter_mail_macros = i {{auth_type}} {{auth_authen}} {{auth_author}} {{mail_addr}} {{mail_host}} {{mail_mailer}}
"""
MASTER = """
127.0.0.1:{port} inet n - n - {processes} smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
smtp unix - - n - 60 smtp
relay unix - - n - 60 smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


def merged(settings):
    """One line a setting, the last one: of those that come twice Postfix complains, and waits for a log that does not run yet."""
    lines = {line.partition("=")[0].strip(): line for line in settings.splitlines() if line.strip()}
    return "".join(line + "\n" for line in lines.values())


class Postfix(Peer):
    """milter: "inet:127.0.0.1:PORT", "unix:PATH" or "" for none; sink: the port mail is delivered to; settings: lines of main.cf that win over MAIN."""
    name = "postfix"

    def __init__(self, milter, sink, on_failure="tempfail", milter_timeout="60s", processes=60, settings=""):
        if os.geteuid() != 0:
            raise Unavailable("Postfix's master needs root")
        super().__init__(keep="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.port = free_port()
        values = dict(tmp=self.tmp, peers=path(), owner=OWNER, drop_group=DROP_GROUP, sink=sink, milters=milter, on_failure=on_failure,
                      milter_timeout=milter_timeout, port=self.port, processes=processes)
        self.write("etc/main.cf", merged(MAIN.format(**values) + settings))
        self.write("etc/master.cf", MASTER.format(**values))
        owner = pwd.getpwnam(OWNER).pw_uid
        for queue in ["", *QUEUES]:
            os.makedirs(os.path.join(self.tmp, "queue", queue), exist_ok=True)
            if queue not in ("", "pid"):
                shutil.chown(os.path.join(self.tmp, "queue", queue), owner, DROP_GROUP if queue in ("maildrop", "public") else None)
        os.makedirs(os.path.join(self.tmp, "data"))
        shutil.chown(os.path.join(self.tmp, "data"), owner)

    def environment(self):
        return environment(MAIL_CONFIG=os.path.join(self.tmp, "etc"))

    def command(self):
        return [path("usr/lib/postfix/sbin/master"), "-d", "-c", os.path.join(self.tmp, "etc")]

    def ready(self):
        return banner(self.port, b"220 ")

    def tool(self, name, *args, stdin=None):
        """postqueue, postsuper, postconf of this instance."""
        done = subprocess.run([path("usr/sbin", name), "-c", os.path.join(self.tmp, "etc"), *args], env=self.environment(), input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return done.stdout.decode("utf-8", "replace")

    def queued(self, *queues):
        """How many messages stand in these queues (all but hold, when none is named)."""
        return sum(len(files) for q in queues or ("incoming", "active", "deferred", "maildrop", "corrupt") for _, _, files in
                   os.walk(os.path.join(self.tmp, "queue", q)))
