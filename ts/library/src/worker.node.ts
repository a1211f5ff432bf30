// The worker's entry in Node.
import { parentPort } from 'node:worker_threads'
import * as Comlink from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { WorkerApi } from './worker_api.js'

if (parentPort !== null) Comlink.expose(new WorkerApi(), nodeEndpoint(parentPort))
