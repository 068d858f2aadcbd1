-- What is agreed with mail servers old and new: every version, few actions, few steps; a message passes under each.
dofile(folder .. "/_talk.lua")

for version = 2, 6 do
	local conn = open(version, version < 6 and 0x3f or ALL_ACTIONS, version < 3 and 0x7f or ALL_STEPS)
	greet(conn)
	local answer = say(conn, "V" .. version, "<anna@client.example>", { "<ben@example.net>" }, fields_of("version " .. version), HONEST)
	check(passes(answer), "version " .. version .. ": a message passes", answer)
	mt.disconnect(conn)
end

-- A mail server that lets nothing be left out and answered nothing: then everything is answered.
local conn = open(6, ALL_ACTIONS, NO_STEPS)
greet(conn)
check(reply(conn) == "c", "HELO is answered where no step may be left unanswered", reply(conn))
check(passes(say(conn, "N1", "<anna@client.example>", { "<ben@example.net>" }, fields_of("no steps"), HONEST)), "and a message passes")
mt.disconnect(conn)

-- Every step offered: the leading space is asked for, because a DKIM signature may cover it.
conn = open(6, ALL_ACTIONS, ALL_STEPS)
check(mt.test_option(conn, SMFIP_HDR_LEADSPC), "the leading space of fields is asked for")
check(mt.test_action(conn, SMFIF_ADDHDRS) and mt.test_action(conn, SMFIF_CHGHDRS), "adding and changing fields is asked for")
check(not mt.test_action(conn, SMFIF_CHGBODY), "changing the body is not")
mt.disconnect(conn)

-- A mail server that lets fields be added only: forged ones could not be taken away, so it is told at once rather than served by halves.
conn = mt.connect("inet:" .. port .. "@127.0.0.1", 20, 0.1)
check(mt.negotiate(conn, 6, ALL_STEPS, 0x01) ~= nil, "where fields may not be removed nothing is agreed")
mt.disconnect(conn, false)
