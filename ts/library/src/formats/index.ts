// Files in and out: networks as safetensors, draws as npz, arrays as npy. Works in pages and in Node alike.
export { checkpointFromNpz, checkpointToNpz } from './checkpoint_file.js'
export { type DrawsFile, type DrawsFileOptions, drawsFromNpz, drawsToNpz, readNpz } from './draws_file.js'
export { type NetworkFileOptions, networkFromSafetensors, networkToSafetensors } from './network_file.js'
export { type NpyArray, type NpyDtype, readNpy, writeNpy } from './npy.js'
export { readSafetensors, type SafetensorsFile, writeSafetensors } from './safetensors.js'
