/**
 * Load for bench/toxiproxy.mjs, in processes of their own: a server that swallows or echoes, and a client that
 * sends bulk data or times single messages. Neither shares an event loop or a CPU account with the proxy.
 */
import { Buffer } from "node:buffer";
import { createServer, connect } from "node:net";
import { performance } from "node:perf_hooks";
import process from "node:process";

const BLOCK = Buffer.alloc(256 * 1024);
let server;

const roles = {
  /** Listens; `echo` sends back, else counts and answers one byte after `total` bytes. */
  serve({ echo, total }) {
    server = createServer({ noDelay: true }, (socket) => {
      let left = total;
      socket.on("error", () => socket.destroy());
      socket.on("data", (data) => {
        if (echo) return void socket.write(data);
        left -= data.length;
        if (left <= 0) socket.end("!");
      });
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
  },
  close() {
    return new Promise((resolve) => server.close(resolve));
  },
  /** Sends `total` bytes over each of `connections`; seconds from the first byte to the last answer. */
  async bulk({ port, connections, total }) {
    const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
    const start = performance.now();
    await Promise.all(sockets.map((socket) => send(socket, total)));
    return (performance.now() - start) / 1000;
  },
  /** Round-trip times in ms of single messages, `count` one after the other on each connection. */
  async trips({ port, connections, count }) {
    const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
    const lists = await Promise.all(sockets.map((socket) => pingPong(socket, count)));
    for (const socket of sockets) socket.destroy();
    return lists.flat();
  },
};

function open(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

function send(socket, total) {
  return new Promise((resolve, reject) => {
    let left = total;
    const more = () => {
      while (left > 0) {
        const size = Math.min(left, BLOCK.length);
        left -= size;
        if (!socket.write(BLOCK.subarray(0, size))) return;
      }
    };
    socket.on("drain", more);
    socket.once("error", reject);
    socket.once("data", () => {
      socket.destroy();
      resolve();
    });
    more();
  });
}

async function pingPong(socket, count) {
  const times = [];
  for (let round = 0; round < count; round++) {
    const start = performance.now();
    const answer = new Promise((resolve) => socket.once("data", resolve));
    socket.write("ping");
    await answer;
    times.push(performance.now() - start);
  }
  return times;
}

process.on("message", ({ role, ...rest }) => {
  roles[role](rest).then(
    (value) => process.send({ value }),
    (error) => process.send({ error: String(error) }),
  );
});
