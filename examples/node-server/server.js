const http = require("node:http");

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const input = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    const words = String(input.text ?? "").split(/\s+/).filter(Boolean);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ words: words.length, engine: "node" }));
  });
});

// Runners are told to go by SIGTERM: what was begun is answered before.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
server.listen(3000, "0.0.0.0");
