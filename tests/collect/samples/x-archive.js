window.YTD.tweets.part0 = [
 {
  "tweet": {
   "edit_info": {
    "initial": {
     "editTweetIds": [
      "1950000000000000001"
     ]
    }
   },
   "retweeted": false,
   "source": "<a href=\"https://mobile.twitter.com\" rel=\"nofollow\">Twitter Web App</a>",
   "entities": {
    "hashtags": [],
    "urls": []
   },
   "favorite_count": "3",
   "retweet_count": "1",
   "id_str": "1950000000000000001",
   "id": "1950000000000000001",
   "created_at": "Sat Aug 01 10:00:00 +0000 2026",
   "full_text": "We are checking every cup.",
   "lang": "en"
  }
 },
 {
  "tweet": {
   "favorite_count": "0",
   "retweet_count": "0",
   "id_str": "1950000000000000002",
   "id": "1950000000000000002",
   "in_reply_to_status_id_str": "1950000000000000001",
   "in_reply_to_screen_name": "aurora",
   "created_at": "Sat Aug 01 10:20:00 +0000 2026",
   "full_text": "@ann Please send us a photo.",
   "lang": "en"
  }
 }
]
