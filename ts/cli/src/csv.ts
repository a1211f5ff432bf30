// The numbers behind a figure as CSV: shortest decimal text that reads back to the same number.
export { shortestSingle as single, writeCsv as toCsv } from 'langevin-rnn'
