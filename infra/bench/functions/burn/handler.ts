/** The function of the overload measurement: every request costs the same CPU time, 20 ms. */
import { burn } from '../../servers/burn.mjs';

export const handler = async () => {
  burn();
  return { statusCode: 200, body: 'burnt' };
};
