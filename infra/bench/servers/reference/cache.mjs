/** Cache-aside in Redis: `user_<id>` lives for 300 s, the hash `users_list` for 60 s. */
export class Cache {
  #redis;

  /** @param redis a client of ioredis, or Bun's own, which have these methods in common */
  constructor(redis) {
    this.#redis = redis;
  }

  user(id) {
    return this.#redis.get(`user_${id}`);
  }

  keepUser(id, json) {
    return this.#redis.set(`user_${id}`, json, 'EX', 300);
  }

  list(field) {
    return this.#redis.hget('users_list', field);
  }

  keepList(field, entry) {
    return Promise.all([this.#redis.hset('users_list', field, entry), this.#redis.expire('users_list', 60)]);
  }

  /** Deletes a user and all lists after a write. */
  forget(id) {
    return this.#redis.del(`user_${id}`, 'users_list');
  }

  async answers() {
    return (await this.#redis.ping()) === 'PONG';
  }
}
