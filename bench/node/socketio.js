// Socket.IO as its documentation runs it on more than one node: the Redis adapter, `pg`, acknowledgements.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { BACKLOG, port, write } from "./lines.js";

const publisher = createClient({ socket: { path: process.env.VALKEY_SOCKET } });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer();
const io = new Server(http, { transports: ["websocket"], adapter: createAdapter(publisher, subscriber) });

io.on("connection", (socket) => {
  socket.on("watch", (thread, watching) => {
    socket.join(thread);
    watching();
  });
  socket.on("say", async (line, said) => {
    const { thread, cid, body } = line;
    const { seq, at } = await write(line);
    said({ cid, seq, at });
    socket.to(thread).emit("entry", { thread, seq, cid, body, at });
  });
});

http.listen(port(), "127.0.0.1", BACKLOG);
