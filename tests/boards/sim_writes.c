/* sim_writes.c - 256-pixel writes, one after the other, to a board whose monitor times them. The client is patient: a
 * busy machine simulates slowly, and a request repeated for that would be in the way of the next.
 *
 *   sim_writes PORT COUNT */
#include <stdio.h>
#include <stdlib.h>

#include "wire/link_client.h"

int main(int argc, char **argv)
{
    px_transport *transport = NULL;
    px_link_client *client = NULL;
    px_error error = {0};
    uint32_t words[PX_LINK_BLOCK];
    if (argc != 3)
        return 2;
    bool ok = px_transport_open(&transport, argv[1], &error) && px_link_client_on(&client, transport, false, &error);
    if (ok) {
        client->patience = 60000;
        ok = px_link_say_hello(client, NULL, &error) && px_link_reset(client, 1, PX_LINK_BLOCK, 1, &error);
    }
    for (int i = 0; i < atoi(argv[2]) && ok; i++) {
        for (uint32_t k = 0; k < PX_LINK_BLOCK; k++)
            words[k] = (uint32_t)rand(); /* with as many zero bytes as chance gives, for COBS */
        ok = px_link_write(client, PXL_SPACE_PIXEL, 0, words, PX_LINK_BLOCK, &error);
    }
    if (!ok)
        fprintf(stderr, "%s\n", error.text);
    px_link_client_close(client);
    return !ok;
}
