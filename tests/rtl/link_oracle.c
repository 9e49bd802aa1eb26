/* link_oracle.c - see link_oracle.h. */
#include "tests/rtl/link_oracle.h"

#include <stdio.h>
#include <stdlib.h>

#include "exec/endpoint.h"
#include "tests/unit/held.h"

static px_executor *executor;
static px_endpoint *endpoint;

void oracle_close(void)
{
    px_endpoint_close(endpoint);
    if (executor != NULL)
        held_close(executor);
    endpoint = NULL;
    executor = NULL;
}

void oracle_open(uint32_t pixels)
{
    px_error error = {0};
    oracle_close();
    if (!px_ref_driver.open(&executor, NULL, &error) || !px_endpoint_open(&endpoint, executor, "oracle", &error)) {
        fprintf(stderr, "the oracle cannot be had: %s\n", error.text);
        exit(1);
    }
    executor->caps.max_pixels = pixels;
}

void oracle_request(const px_link_frame *request, px_link_frame *reply)
{
    px_endpoint_request(endpoint, request, reply);
}

void oracle_finish(void)
{
    while (px_endpoint_step(endpoint))
        ;
}
