// Bare `ws` and `pg`: no session, no rights, nobody is told but the others in the room.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { BACKLOG, port, write } from "./lines.js";

const rooms = new Map();

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });

server.on("connection", (socket) => {
  socket.on("message", async (data) => {
    const frame = JSON.parse(data);
    if (frame.op === "watch") {
      if (!rooms.has(frame.thread)) rooms.set(frame.thread, new Set());
      rooms.get(frame.thread).add(socket);
      socket.on("close", () => rooms.get(frame.thread).delete(socket));
      socket.send(JSON.stringify({ op: "watching", thread: frame.thread }));
      return;
    }
    const { thread, cid, body } = frame;
    const { seq, at } = await write(frame);
    socket.send(JSON.stringify({ op: "said", cid, thread, seq, at }));
    const entry = JSON.stringify({ op: "entry", thread, seq, cid, body, at });
    for (const other of rooms.get(thread)) if (other !== socket) other.send(entry);
  });
});

http.listen(port(), "127.0.0.1", BACKLOG);
