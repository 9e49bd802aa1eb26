/* spin - runs without end, and asks for nothing. */
int main(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}
