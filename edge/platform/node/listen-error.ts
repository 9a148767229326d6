// Owns what is said when a listener cannot listen.

/** The same error in words that name the address and say what to do. */
export function listenError(error: Error, host: string, port: number): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new Error(`Port ${port} on ${host} is taken by another process; choose another port`, {
      cause: error,
    });
  }
  if (code === 'EACCES') {
    return new Error(`No right to listen on port ${port} of ${host}; choose a port above 1023`, {
      cause: error,
    });
  }
  return new Error(`Cannot listen on ${host} port ${port}: ${error.message}`, { cause: error });
}
