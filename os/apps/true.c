/* true - succeeds
 *
 * usage: true
 *
 * Its status is 0. */
int main(void) { return 0; }
