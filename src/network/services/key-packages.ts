import type { CallInfo } from "../grpc/service.js";
import { Code, StatusError } from "../grpc/status.js";
import type { Handlers } from "../grpc/typed-service.js";
import { KeyPackageError, validateKeyPackage } from "../mls/index.js";
import type { ValidKeyPackage } from "../mls/index.js";
import type { mls } from "../proto/index.js";
import { hexKey } from "../store/envelope-table.js";
import type { NodeStore } from "../store/node-store.js";
import { stored } from "./stored.js";

type KeyPackageRpcs = "uploadKeyPackage" | "registerInstallation" | "fetchKeyPackages";

/** Key packages: the last one of each installation wins and is never used up. */
export function keyPackageHandlers(store: NodeStore): Pick<Handlers<typeof mls.MlsApi>, KeyPackageRpcs> {
  const upload = (keyPackage: mls.KeyPackageUpload | undefined, { peer }: CallInfo): Uint8Array => {
    if (!keyPackage) throw new StatusError(Code.INVALID_ARGUMENT, "no key package");
    const bytes = keyPackage.keyPackageTlsSerialized;
    const { installationKey } = validate(bytes);
    stored(store, "failed to insert key packages", () => store.putKeyPackage(hexKey(installationKey), bytes));
    store.traffic?.spokeFor(peer, hexKey(installationKey));
    return installationKey;
  };

  return {
    uploadKeyPackage({ keyPackage }, call) {
      upload(keyPackage, call);
      return {};
    },
    registerInstallation({ keyPackage }, call) {
      return { installationKey: upload(keyPackage, call) };
    },
    fetchKeyPackages({ installationKeys }) {
      const keys = installationKeys.map(hexKey);
      return {
        keyPackages: keys.map((key, at) => ({
          // A key asked twice is answered at its last place only: the real node maps keys to places.
          keyPackageTlsSerialized: keys.lastIndexOf(key) === at ? store.keyPackages.get(key) : undefined,
        })),
      };
    },
  };
}

function validate(bytes: Uint8Array): ValidKeyPackage {
  try {
    return validateKeyPackage(bytes, Math.floor(Date.now() / 1000));
  } catch (error) {
    if (!(error instanceof KeyPackageError)) throw error;
    throw new StatusError(
      Code.INVALID_ARGUMENT,
      `invalid identity: validation failed with error ${error.message}`,
    );
  }
}
