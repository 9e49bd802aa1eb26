/* false - fails
 *
 * usage: false
 *
 * Its status is 1. */
int main(void) { return 1; }
