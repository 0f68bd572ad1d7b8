import { constants, createGunzip, type Gunzip } from 'node:zlib';

/** What Node's own streams call of zlib. Not for others by its name, but it has been the same since Node 9. */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  onerror: (message: string, number: number, code: string) => void;
}

type Inside = Gunzip & {
  reset(): void;
  readonly _handle?: Partial<Handle>;
  readonly _writeState?: Uint32Array;
};

const NOTHING = new Uint8Array(0);
const LITTLE = new Uint8Array(1);

/** How an unpacking ended that did not end well: the code of zlib. */
export class GunzipError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/**
 * Unpacks straight into memory that it is given: where the text of logs is looked at, piece by piece, while it is still in the
 * processor's cache. Node's public functions make a new buffer of each text first, which takes longer than looking at it.
 */
export class DirectGunzip {
  private failure: string | undefined;

  private constructor(
    private readonly gunzip: Inside,
    private readonly handle: Handle,
    /** Bytes left of the output and of the input, after each call. */
    private readonly left: Uint32Array,
  ) {
    handle.onerror = (_message, _number, code) => {
      this.failure = code;
    };
  }

  /** Undefined where this Node has no such inside. */
  static open(): DirectGunzip | undefined {
    const gunzip = createGunzip() as Inside;
    const { _handle: handle, _writeState: left } = gunzip;
    if (typeof handle?.writeSync !== 'function' || !(left instanceof Uint32Array)) return undefined;
    return new DirectGunzip(gunzip, handle as Handle, left);
  }

  begin(): void {
    this.failure = undefined;
    this.gunzip.reset();
  }

  /**
   * Unpacks as much of the input as there is room for.
   *
   * @returns bytes of the input used, and bytes of the room filled
   * @throws GunzipError for data that is no gzip or damaged
   */
  write(input: Uint8Array, room: Uint8Array): { readonly used: number; readonly filled: number } {
    this.call(constants.Z_SYNC_FLUSH, input, room);
    return { used: input.length - this.left[1]!, filled: room.length - this.left[0]! };
  }

  /** @throws GunzipError when the input so far does not end where it should */
  finish(): void {
    this.call(constants.Z_FINISH, NOTHING, LITTLE);
  }

  private call(flush: number, input: Uint8Array, room: Uint8Array): void {
    this.handle.writeSync(flush, input, 0, input.length, room, 0, room.length);
    if (this.failure !== undefined) throw new GunzipError(this.failure);
  }
}
