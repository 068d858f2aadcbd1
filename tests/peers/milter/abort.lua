-- A message that is given up at any point leaves nothing behind, and the connection goes on.
dofile(folder .. "/_talk.lua")

local conn = open(6, ALL_ACTIONS, ALL_STEPS)
greet(conn)
local points = { "MAIL", "RCPT", "header", "end of header", "body" }
for last, point in ipairs(points) do
	mt.macro(conn, SMFIC_MAIL, "i", "ABORT" .. last)
	try(mt.mailfrom(conn, "<anna@client.example>"), "MAIL FROM")
	if last > 1 then try(mt.rcptto(conn, "<ben@example.net>"), "RCPT TO") end
	if last > 2 then try(mt.header(conn, "Subject", " " .. GTUBE), "header") end
	if last > 3 then try(mt.eoh(conn), "end of header") end
	if last > 4 then try(mt.bodystring(conn, BAD[1]), "body") end
	try(mt.abort(conn), "abort")
	local answer = say(conn, "NEXT" .. last, "<anna@client.example>", { "<ben@example.net>" }, fields_of("after an abort"), HONEST)
	check(passes(answer), "after an abort behind " .. point .. " the next message is judged by itself", answer)
end
try(mt.abort(conn), "abort")
try(mt.abort(conn), "abort")
check(passes(say(conn, "TWICE", "<anna@client.example>", { "<ben@example.net>" }, fields_of("after two aborts"), HONEST)), "aborts without a message are nothing")
mt.disconnect(conn)
