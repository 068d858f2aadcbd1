-- What every script needs: a connection as a mail server makes it, a message said field by field, and results as lines of TAP.
-- Given from outside: port, folder.

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
ALL_ACTIONS, ALL_STEPS = 0x1ff, 0x1fffff
NO_STEPS = 0 -- the mail server insists on an answer to everything

function check(ok, what, detail)
	mt.echo((ok and "ok" or "not ok") .. " - " .. what .. ((not ok and detail ~= nil) and (": " .. tostring(detail)) or ""))
	return ok
end

function try(problem, what)
	if problem ~= nil then
		check(false, what, problem)
		error(what)
	end
end

-- A reply as a letter: "c" continue, "a" accept, "r" reject, "y" reply code, "t" tempfail, "d" discard, "s" skip.
function reply(conn)
	local code = mt.getreply(conn)
	return code and code > 0 and string.char(code) or "none"
end

function open(version, actions, steps)
	local conn = mt.connect("inet:" .. port .. "@127.0.0.1", 20, 0.1)
	if conn == nil then
		error("no connection")
	end
	try(mt.negotiate(conn, version, steps, actions), "negotiation") -- in this order, whatever its manual says
	return conn
end

function greet(conn, host, ip, helo)
	mt.macro(conn, SMFIC_CONNECT, "j", "mx.example.org", "{daemon_name}", "smtpd")
	try(mt.conninfo(conn, host or "client.example", ip or "192.0.2.9"), "connection information")
	try(mt.helo(conn, helo or "client.example"), "HELO")
end

-- fields: a list of {name, value}; body: a list of chunks. Returns the last reply.
function say(conn, id, from, recipients, fields, body)
	mt.macro(conn, SMFIC_MAIL, "i", id)
	try(mt.mailfrom(conn, from), "MAIL FROM")
	for _, recipient in ipairs(recipients) do
		try(mt.rcptto(conn, recipient), "RCPT TO")
	end
	for _, field in ipairs(fields) do
		try(mt.header(conn, field[1], field[2]), "header " .. field[1])
	end
	try(mt.eoh(conn), "end of header")
	for _, chunk in ipairs(body) do
		try(mt.bodystring(conn, chunk), "body")
		if reply(conn) == "s" then
			break
		end
	end
	try(mt.eom(conn), "end of message")
	return reply(conn)
end

-- Fields of a message that nothing speaks against, and any others behind them. Values bear the space that stands behind the colon.
function fields_of(subject, ...)
	local fields = { { "From", " Anna <anna@client.example>" }, { "To", " Ben <ben@example.net>" }, { "Subject", " " .. subject },
		{ "Date", " " .. os.date("!%a, %d %b %Y %H:%M:%S +0000") }, { "Message-ID", " <" .. os.time() .. "." .. #subject .. "@client.example>" } }
	for _, field in ipairs({ ... }) do
		fields[#fields + 1] = field
	end
	return fields
end

HONEST = { "Dear Ben,\r\n\r\nthe minutes of yesterday's meeting are done; could you read page two before noon?\r\n\r\nAnna\r\n" }
BAD = { "This is a test.\r\n" .. GTUBE .. "\r\n" }

function passes(answer)
	return answer == "c" or answer == "a"
end

function refuses(answer)
	return answer == "r" or answer == "y"
end
