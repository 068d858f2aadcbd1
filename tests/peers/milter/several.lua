-- Several messages in one connection: what belonged to one is not said of the next.
dofile(folder .. "/_talk.lua")

local conn = open(6, ALL_ACTIONS, ALL_STEPS)
greet(conn)
for turn = 1, 20 do
	local bad = turn % 3 == 0
	local answer = say(conn, "S" .. turn, "<anna@client.example>", { "<ben@example.net>", "<carl@example.net>" }, fields_of("turn " .. turn), bad and BAD or HONEST)
	if bad and not refuses(answer) or not bad and not passes(answer) then
		check(false, "message " .. turn .. " of a connection", answer)
	end
end
check(true, "twenty messages in one connection, every third refused")

local long = {}
for chunk = 1, 40 do
	long[chunk] = string.rep(string.rep("x", 70) .. "\r\n", 900)
end
local answer = say(conn, "LONG", "<anna@client.example>", { "<ben@example.net>" }, fields_of("2.5 MB"), long)
check(passes(answer), "a message in forty chunks passes", answer)
answer = say(conn, "LONG2", "<anna@client.example>", { "<ben@example.net>" }, fields_of("after it"), HONEST)
check(passes(answer), "and one after it", answer)
answer = say(conn, "EMPTY", "<>", { "<ben@example.net>" }, fields_of("no body"), {})
check(passes(answer), "a message without a body passes, and the empty sender", answer)
mt.disconnect(conn)

-- Many connections that each say one thing, then go without a word.
for turn = 1, 20 do
	conn = open(6, ALL_ACTIONS, ALL_STEPS)
	greet(conn, nil, turn % 2 == 0 and "2001:db8::9" or "192.0.2.9")
	mt.macro(conn, SMFIC_MAIL, "i", "GONE" .. turn)
	try(mt.mailfrom(conn, "<anna@client.example>"), "MAIL FROM")
	mt.disconnect(conn, false)
end
conn = open(6, ALL_ACTIONS, ALL_STEPS)
greet(conn, "[192.0.2.9]", "unspec")
answer = say(conn, "AFTER", "<anna@client.example>", { "<ben@example.net>" }, fields_of("after twenty that went"), HONEST)
check(passes(answer), "after twenty that went without a word, from an unknown kind of address", answer)
mt.disconnect(conn)
