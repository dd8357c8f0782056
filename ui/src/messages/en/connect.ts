// Words of `connect`.
export const connect = {};
