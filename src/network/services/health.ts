import { encodeFrame } from "../grpc/frame.js";
import { Code, StatusError } from "../grpc/status.js";
import type { Handlers } from "../grpc/typed-service.js";
import { health } from "../proto/index.js";
import { create, toBinary } from "@bufbuild/protobuf";

const { HealthCheckResponse_ServingStatus: Status } = health;

/**
 * grpc.health.v1.Health: the server ("") is serving while it answers at all, and so are `services`.
 *
 * A real v3 node never sets the health of a single service, and so knows no name; xmtpd does.
 */
export function healthHandlers(services: readonly string[]): Handlers<typeof health.Health> {
  const known = new Set(["", ...services]);
  return {
    check({ service }) {
      if (!known.has(service)) throw new StatusError(Code.NOT_FOUND, "unknown service");
      return { status: Status.SERVING };
    },
    watch({ service }, stream) {
      const status = known.has(service) ? Status.SERVING : Status.SERVICE_UNKNOWN;
      stream.onDeadline(() => stream.end(new StatusError(Code.CANCELLED, "Stream has ended.")));
      const message = create(health.HealthCheckResponseSchema, { status });
      stream.write(encodeFrame(toBinary(health.HealthCheckResponseSchema, message)));
    },
  };
}
