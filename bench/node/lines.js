// What both peers share: one commit a line, by a prepared statement over a pool, numbered without a gap.
import pg from "pg";

// PGHOST, PGPORT, PGUSER and PGDATABASE say where.
const pool = new pg.Pool({ max: 10 });

const WRITE = {
  name: "write",
  text: `WITH numbered AS (UPDATE peer_thread SET head = head + 1 WHERE id = $1 RETURNING head)
    INSERT INTO peer_entry (thread_id, seq, cid, body, at)
    SELECT $1, head, $2, $3, now() FROM numbered RETURNING seq, at`,
};

export async function write({ thread, cid, body }) {
  const { rows } = await pool.query({ ...WRITE, values: [thread, cid, JSON.stringify(body)] });
  return rows[0];
}

// A thousand sockets come at once.
export const BACKLOG = 4096;

export function port() {
  return Number(process.argv[process.argv.indexOf("--port") + 1]);
}
