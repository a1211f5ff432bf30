// The worker's entry in a browser.
import * as Comlink from 'comlink'
import { WorkerApi } from './worker_api.js'

Comlink.expose(new WorkerApi())
