// Words of `disconnect`.
export const disconnect = {};
