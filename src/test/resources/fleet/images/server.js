// Answers with what a test wants to know of the inside of a runner.
const http = require("http"), fs = require("fs");
const port = Number(process.argv[2] || 8080), host = process.argv[3] || "0.0.0.0";
const read = (path) => { try { return fs.readFileSync(path, "utf8"); } catch (e) { return e.code; } };

const answers = {
  "/who": () => ({ uid: process.getuid(), groups: process.getgroups(), home: process.env.HOME, cwd: process.cwd() }),
  "/env": () => process.env,
  "/read": (body) => read(body.path),
  "/write": (body) => { fs.writeFileSync(body.path, "x"); return "written"; },
  "/eat": () => { globalThis.kept = []; setInterval(() => kept.push(Buffer.alloc(50e6, 1)), 10); return "eating"; },
  "/health": () => "well",
};

const server = http.createServer((request, response) => {
  let text = "";
  request.on("data", (part) => (text += part));
  request.on("end", () => {
    if (request.url === "/door") {
      http.get("http://127.0.0.1:18787/from-inside", (far) => far.pipe(response)).on("error", (e) => response.end(e.code));
      return;
    }
    try {
      response.end(JSON.stringify(answers[request.url](text ? JSON.parse(text) : {})));
    } catch (e) {
      response.statusCode = 500;
      response.end(JSON.stringify(String(e)));
    }
  });
});
server.listen(port, host, () => console.log("listening on " + port));
process.on("SIGTERM", () => { console.log("told to stop"); if (process.env.STUBBORN !== "1") process.exit(0); });
console.log("token is " + process.env.TOKEN);
