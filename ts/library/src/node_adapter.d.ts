// comlink ships its Node adapter without types of its own.
declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { Endpoint } from 'comlink'

  /** Makes a Node worker or port look like a browser's. */
  export default function nodeEndpoint(port: unknown): Endpoint
}
