import http from "node:http";
import type { AddressInfo } from "node:net";

/** A control server of a check's own making: hears every call, and answers by `answer` or from a real one. */
export class Recorder {
  readonly calls: string[] = [];
  readonly headers: http.IncomingHttpHeaders[] = [];
  readonly #server: http.Server;

  private constructor(answer: (request: http.IncomingMessage, response: http.ServerResponse) => void) {
    this.#server = http.createServer((request, response) => {
      this.calls.push(`${request.method} ${request.url}`);
      this.headers.push(request.headers);
      answer(request, response);
    });
  }

  static async start(
    answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
  ): Promise<Recorder> {
    const recorder = new Recorder(answer);
    await new Promise<void>((resolve) => recorder.#server.listen(0, "127.0.0.1", resolve));
    return recorder;
  }

  /** Passes every call on to the server at `url`. */
  static before(url: string): Promise<Recorder> {
    return Recorder.start((request, response) => {
      const { method, headers, url: path } = request;
      const onward = http.request(`${url}${path}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
