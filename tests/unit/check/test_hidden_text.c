/* check/hidden_text: tricks are named; preheaders, second copies and padding of newsletters are not. */
#include "tests/check_test.h"

#define HEAD "From: a@example.org\nTo: b@example.net\nSubject: hello\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
#define SHOWN "<p>Hello and welcome to a letter with enough words in it that everybody can read and that nobody would wonder about.</p>"
#define LONG_HIDDEN                                                                                                                        \
	"river mountain yellow engine basket window garden silver pocket winter summer bottle finger market letter number "                \
	"orange purple carpet doctor farmer hunter island jacket kitchen ladder mirror needle oyster paper quarter rabbit "                \
	"saddle tunnel uncle valley wagon xylophone yoghurt zebra anchor bridge candle desert eagle feather glacier harbour "              \
	"insect jungle kettle lantern meadow nectar orchard pebble quiver ribbon shadow timber umbrella velvet willow "

static const struct check_case cases[] = {
	{ .name = "white on white",
	  .message = HEAD SHOWN "<font color=white>meeting minutes attached regards</font>",
	  .present = "hidden.colour" },
	{ .name = "near white on white",
	  .message = HEAD SHOWN "<p style='color:#fdfdfd'>meeting minutes attached regards</p>",
	  .present = "hidden.colour" },
	{ .name = "white on blue",
	  .message = HEAD SHOWN "<table bgcolor=#000080><td><font color=white>meeting minutes attached regards</font></table>",
	  .absent = "hidden.*" },
	{ .name = "white on a picture",
	  .message = HEAD SHOWN "<div style='background:url(x.png);color:#fff'>meeting minutes attached regards</div>",
	  .absent = "hidden.*" },
	{ .name = "a white full stop", .message = HEAD SHOWN "<font color=white>.</font>", .absent = "hidden.*" },
	{ .name = "off screen",
	  .message = HEAD SHOWN "<div style='position:absolute;left:-9999px'>" LONG_HIDDEN "</div>",
	  .present = "hidden.out_of_sight" },
	{ .name = "transparent", .message = HEAD SHOWN "<div style='opacity:0'>" LONG_HIDDEN "</div>", .present = "hidden.out_of_sight" },
	{ .name = "through a style sheet",
	  .message = HEAD "<style>.q{visibility:hidden}</style>" SHOWN "<div class=q>" LONG_HIDDEN "</div>",
	  .present = "hidden.out_of_sight" },
	{ .name = "more hidden than shown",
	  .message = HEAD SHOWN "<div style='display:none'>" LONG_HIDDEN "</div>",
	  .present = "hidden.more_than_shown" },
	{ .name = "preheader",
	  .message = HEAD "<div style='display:none;color:#fff'>Your order is on its way to you today</div>" SHOWN,
	  .absent = "hidden.*" },
	{ .name = "second copy for telephones",
	  .message = HEAD SHOWN SHOWN SHOWN "<div style='display:none'>" SHOWN SHOWN SHOWN SHOWN "</div>",
	  .absent = "hidden.*" },
	{ .name = "zero-width letters",
	  .message = HEAD "Ver&#8203;ify yo&zwnj;ur acc&#8203;ount pass&#8203;word no&#8203;w plea&#8203;se cust&#8203;omer",
	  .present = "hidden.letters_parted" },
	{ .name = "padding after the preheader",
	  .message = HEAD "<div style='display:none'>News&zwnj; &zwnj; &zwnj; &zwnj; &zwnj; &zwnj; &zwnj; </div>" SHOWN,
	  .absent = "hidden.*" },
	{ .name = "comments in words",
	  .message = HEAD "Vi<!-- -->ag<!-- -->ra ch<!-- -->eap pi<!-- -->lls on<!-- -->line to<!-- -->day",
	  .present = "hidden.letters_parted_by_tags" },
	{ .name = "bold initials",
	  .message = HEAD "<b>V</b>ery <b>g</b>ood <b>n</b>ews <b>f</b>or <b>e</b>very <b>r</b>eader <b>h</b>ere",
	  .absent = "hidden.*" },
	{ .name = "override", .message = HEAD SHOWN "<p>invoice_\u202efdp.exe</p>", .present = "hidden.direction" },
	{ .name = "isolates in Hebrew", .message = HEAD SHOWN "<p>\u05e9\u05dc\u05d5\u05dd \u2066abc\u2069</p>", .absent = "hidden.*" },
	{ .name = "Cyrillic in Latin", .message = HEAD SHOWN "<p>P\u0430yp\u0430l</p>", .present = "hidden.mixed_alphabets" },
	{ .name = "Cyrillic beside Latin",
	  .message = HEAD SHOWN "<p>\u041f\u0440\u0438\u0432\u0435\u0442 Paypal</p>",
	  .absent = "hidden.*" },
	{ .name = "mathematical letters",
	  .message = HEAD SHOWN "<p>\U0001d400\U0001d401\U0001d402\U0001d403\U0001d404</p>",
	  .present = "hidden.styled_letters" },
	{ .name = "plain text",
	  .message = "From: a@example.org\nSubject: hello\n\nhello <font color=white>quoted source of a page</font>\n",
	  .absent = "hidden.*" },
};

CHECK_TEST_MAIN(hidden_text, cases)
