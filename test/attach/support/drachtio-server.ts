import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A command of the application: its identifier, its fields and the SIP it carries. */
export interface Command {
  readonly id: string;
  readonly fields: readonly string[];
  readonly sip: string;
}

/** Speaks the application side of drachtio-server's protocol over TCP, and nothing of SIP. */
export class DrachtioServer {
  readonly #server: Server;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);
  #number = 0;
  /** Is told of commands that carry SIP, and answers them. */
  onCommand: (command: Command) => void = () => undefined;

  constructor() {
    this.#server = createServer((socket) => {
      this.#socket = socket;
      socket.on("data", (bytes) => {
        this.#read(bytes);
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  /** The connection to the application breaks. */
  break(): void {
    this.#socket?.destroy();
  }

  /** SIP from the network, or what the server itself sent. */
  sip(source: "network" | "application", transaction: string, dialog: string, text: string): void {
    const meta = `${source}|${Buffer.byteLength(text)}|udp|198.51.100.9|5062|12:00:00.000001`;
    const own = "|192.0.2.5|5060";
    this.#write(`${this.#nextId()}|sip|${meta}|${transaction}|${dialog}${own}\r\n${text}`);
  }

  /** The echo of what was sent for a command. */
  echo(command: Command, transaction: string, dialog: string, text: string): void {
    const meta = `application|${Buffer.byteLength(text)}|udp|198.51.100.9|5062|12:00:00.000002`;
    const head = `${this.#nextId()}|response|${command.id}|OK|${meta}|${transaction}|${dialog}`;
    this.#write(`${head}\r\n${text}`);
  }

  refuse(command: Command, reason: string): void {
    this.#write(`${this.#nextId()}|response|${command.id}|NOK|${reason}`);
  }

  #nextId(): string {
    this.#number += 1;
    return `message-${this.#number}`;
  }

  #write(message: string): void {
    this.#socket?.write(`${Buffer.byteLength(message)}#${message}`);
  }

  #read(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const mark = this.#received.indexOf("#");
      if (mark < 0) return;
      const end = mark + 1 + Number(this.#received.toString("latin1", 0, mark));
      if (this.#received.length < end) return;
      const message = this.#received.toString("utf8", mark + 1, end);
      this.#received = this.#received.subarray(end);
      this.#take(message);
    }
  }

  #take(message: string): void {
    const lineEnd = message.indexOf("\r\n");
    const head = lineEnd < 0 ? message : message.slice(0, lineEnd);
    const [id = "", ...fields] = head.split("|");
    const command = { id, fields, sip: lineEnd < 0 ? "" : message.slice(lineEnd + 2) };
    if (fields[0] === "authenticate") {
      this.#write(`${this.#nextId()}|response|${id}|OK|udp/192.0.2.5:5060|v0.8.26`);
    } else if (fields[0] === "route") {
      this.#write(`${this.#nextId()}|response|${id}|OK`);
    } else {
      this.onCommand(command);
    }
  }
}
