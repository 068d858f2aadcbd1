# SpamAssassin's learner alone, in one process: reads "spam|ham|score LENGTH\n" and that many bytes of message from standard input,
# answers each with one line: to "score" the probability that Bayes gives (0.5 where it declines to judge), else whether it learnt.
# No rules, no network, no autolearning, no expiry; the first message of each class suffices, where its default is to wait for 200.
# usage: perl -I FOLDER... spamassassin.pl DATABASE-FOLDER RULES-FOLDER
use strict;
use warnings;
use Mail::SpamAssassin;
use Mail::SpamAssassin::PerMsgStatus;

my ($folder, $rules) = @ARGV;
# Of the shipped rules only what the tokeniser itself reads: top-level domains (to find links in text) and stop words.
my $shipped = '';
for my $name ('20_aux_tlds.cf', '60_bayes_stopwords.cf') {
	open my $file, '<', "$rules/$name" or die "spamassassin.pl: $rules/$name: $!\n";
	$shipped .= do { local $/; <$file> };
}
my $sa = Mail::SpamAssassin->new({
	local_tests_only => 1,
	dont_copy_prefs => 1,
	rules_filename => "$folder/none",
	site_rules_filename => "$folder/none",
	userstate_dir => $folder,
	userprefs_filename => "$folder/none",
	username => 'peer',
	config_text => <<"END" . $shipped,
loadplugin Mail::SpamAssassin::Plugin::Bayes
use_bayes 1
use_learner 1
bayes_path $folder/bayes
bayes_auto_learn 0
bayes_auto_expire 0
bayes_min_spam_num 1
bayes_min_ham_num 1
bayes_journal_max_size 0
dns_available no
lock_method flock
END
});
$sa->init(1);
my ($bayes) = grep { $_->isa('Mail::SpamAssassin::Plugin::Bayes') } @{ $sa->{plugins}->{plugins} };

binmode STDIN;
$| = 1;
while (defined(my $order = <STDIN>)) {
	my ($what, $length) = $order =~ /^(spam|ham|score) (\d+)$/ or die "spamassassin.pl: bad order: $order";
	my $read = $length ? read(STDIN, my $bytes, $length) : 0;
	die "spamassassin.pl: message cut short\n" unless $read == $length;
	my $message = $sa->parse($bytes, 1);
	if ($what eq 'score') {
		my $status = Mail::SpamAssassin::PerMsgStatus->new($sa, $message);
		$message->extract_message_metadata($status);
		my $probability = $bayes->scan($status, $message);
		printf "%.17g\n", $probability // 0.5;
		$status->finish();
	} else {
		my $learnt = $sa->learn($message, undef, $what eq 'spam', 0);
		print $learnt->did_learn() ? "1\n" : "0\n";
		$learnt->finish();
	}
	$message->finish();
}
