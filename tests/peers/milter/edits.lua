-- What is done to the header: our own fields come on top, those of the same names from outside go, the rest is left alone.
dofile(folder .. "/_talk.lua")

local conn = open(6, ALL_ACTIONS, ALL_STEPS)
greet(conn)
local answer = say(conn, "E1", "<anna@client.example>", { "<ben@example.net>" },
	fields_of("forged fields", { "X-Spam-Flag", " NO" }, { "X-Spam-Status", " No, score=-99.0 required=5.0" }, { "X-Postern-Why", " accept: trust me" },
		{ "X-Spam-Flag", " NO" }, { "Authentication-Results", " mx.example.org; dkim=pass header.d=bank.example" }, { "X-Other", " kept" }), HONEST)
check(passes(answer), "an honest message passes", answer)
check(mt.eom_check(conn, MT_HDRINSERT, "X-Spam-Status") or mt.eom_check(conn, MT_HDRADD, "X-Spam-Status"), "X-Spam-Status is written")
check(mt.eom_check(conn, MT_HDRINSERT, "X-Postern-Why") or mt.eom_check(conn, MT_HDRADD, "X-Postern-Why"), "X-Postern-Why is written")
for _, name in ipairs({ "X-Spam-Flag", "X-Spam-Status", "X-Postern-Why", "Authentication-Results" }) do
	check(mt.eom_check(conn, MT_HDRDELETE, name) or mt.eom_check(conn, MT_HDRCHANGE, name), name .. " from outside is removed")
end
check(not mt.eom_check(conn, MT_HDRDELETE, "X-Other") and not mt.eom_check(conn, MT_HDRCHANGE, "X-Other"), "what is not ours is left alone")
check(not mt.eom_check(conn, MT_HDRCHANGE, "Subject") and not mt.eom_check(conn, MT_BODYCHANGE), "subject and body are left alone")

-- The test message that every filter must know.
answer = say(conn, "E2", "<anna@client.example>", { "<ben@example.net>" }, fields_of("test"), BAD)
check(refuses(answer), "GTUBE is refused", answer)
answer = say(conn, "E3", "<anna@client.example>", { "<postmaster@example.net>" }, fields_of("test"), BAD)
check(passes(answer), "mail to postmaster is never refused", answer)
mt.disconnect(conn)
