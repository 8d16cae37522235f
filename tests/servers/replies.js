// SPDX-License-Identifier: ISC
//
// The npm package smtp-server made to answer like Exchange Online,
// Outlook.com and Gmail. Its only argument is a JSON file: what to listen on,
// whom to be there, and for each user name the reply and where it comes.
"use strict";
const fs = require("fs");
const path = require("path");

const plan = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const folder = path.join(plan.modules, "smtp-server");
const { SMTPServer } = require(folder);
const { SMTPConnection } = require(path.join(folder, plan.connection));

const MARK = "EHLO of ";
const speakers = {
	microsoft: {
		name: "FR0P281CA0001.outlook.office365.com",
		banner: "Microsoft ESMTP MAIL Service ready at Mon, 1 Jan 2001 00:00:00 +0000",
		hello: "FR0P281CA0001.outlook.office365.com Hello [192.0.2.9]",
		before: ["SIZE 157286400", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES",
			"STARTTLS", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8"],
		after: ["SIZE 157286400", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES",
			"AUTH LOGIN XOAUTH2", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8"],
		methods: ["LOGIN", "XOAUTH2"],
		challenge: false,
	},
	google: {
		name: "smtp.gmail.com",
		banner: "a1-20020a05600c000000b0042cb3e1e0easm1.1 - gsmtp",
		hello: "smtp.gmail.com at your service, [192.0.2.9]",
		before: ["SIZE 35882577", "8BITMIME", "STARTTLS", "ENHANCEDSTATUSCODES",
			"PIPELINING", "CHUNKING", "SMTPUTF8"],
		after: ["SIZE 35882577", "8BITMIME",
			"AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
			"ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8"],
		methods: ["LOGIN", "PLAIN", "XOAUTH2"],
		challenge: true,
	},
};

// "535-5.7.8 one\n535 5.7.8 two" as the package wants a reply.
function refusal(text) {
	const lines = text.split("\n");
	const error = new Error(text);

	error.responseCode = Number(lines[0].slice(0, 3));
	error.message = lines.map((line) => line.slice(4));
	return error;
}

const send = SMTPConnection.prototype.send;
SMTPConnection.prototype.send = function (code, data, context) {
	const first = Array.isArray(data) ? String(data[0]) : "";

	if (code === 250 && first.startsWith(MARK)) {
		const who = speakers[first.slice(MARK.length)];
		data = [who.hello].concat(this.secure ? who.after : who.before);
	}
	if (code === 235)
		data = "2.7.0 Authentication successful";
	// What follows the JSON of a refused token.
	if (code === 535 && data === "Error: Username and Password not accepted")
		data = this.session.afterChallenge;
	return send.call(this, code, data, context);
};

function at(session, stage) {
	const reply = plan.replies[session.user];

	return reply && reply.stage === stage ? refusal(reply.text) : null;
}

function listen(one) {
	const who = speakers[one.speaker];
	const server = new SMTPServer({
		name: who.name,
		banner: who.banner,
		heloResponse: MARK + one.speaker,
		secure: one.secure,
		key: fs.readFileSync(one.chain),
		cert: fs.readFileSync(one.chain),
		authMethods: who.methods,
		authOptional: true,
		hideENHANCEDSTATUSCODES: true,
		disableReverseLookup: true,
		closeTimeout: 1000,
		onAuth(auth, session, callback) {
			const reply = plan.replies[auth.username];

			console.log(`AUTH ${auth.method} ${auth.username}`);
			if (!reply || (auth.password || auth.accessToken) !== plan.secret)
				return callback(refusal("535 5.0.0 not in the plan"));
			if (reply.stage !== "auth")
				return callback(null, { user: auth.username });
			if (!reply.challenge)
				return callback(refusal(reply.text));
			session.afterChallenge = refusal(reply.text).message;
			return callback(null, { data: reply.challenge });
		},
		onMailFrom(address, session, callback) {
			callback(at(session, "mail"));
		},
		onRcptTo(address, session, callback) {
			callback(at(session, "rcpt"));
		},
		onData(stream, session, callback) {
			stream.on("end", () => callback(at(session, "content"), "2.0.0 OK"));
			stream.resume();
		},
	});

	server.on("error", (error) => console.log(`${error.code || ""} ${error.message}`));
	server.listen(one.port, one.address);
}

plan.listen.forEach(listen);
