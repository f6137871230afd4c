/** Text of the answers of the bench's hosted project. A measurement replaces the word and waits for it. */
export const greeting: string = 'hello';
